package alert

import (
	"bytes"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"time"
)

// letter is a message as mail has it (RFC 5322), with CRLF at the end of each
// line. Everything that somebody could have named is encoded, so that no name
// begins a header.
func letter(from *mail.Address, to []*mail.Address, message Message) []byte {
	var out bytes.Buffer
	for _, header := range [][2]string{
		{"From", from.String()},
		{"To", addressList(to)},
		{"Subject", encoded("tollgate: " + message.Title)},
		{"Date", message.At.Format(time.RFC1123Z)},
		{"Message-ID", messageID(message.ID, from)},
		{"Auto-Submitted", "auto-generated"}, // so that nobody's absence answers (RFC 3834)
		{"MIME-Version", "1.0"},
		{"Content-Type", "text/plain; charset=utf-8"},
		{"Content-Transfer-Encoding", "quoted-printable"},
	} {
		fmt.Fprintf(&out, "%s: %s\r\n", header[0], header[1])
	}
	out.WriteString("\r\n")
	body := quotedprintable.NewWriter(&out) // into memory: it cannot fail
	_, _ = body.Write([]byte(message.Text + "\n\n" + reference(message) + "\n"))
	_ = body.Close()
	return out.Bytes()
}

func addressList(addresses []*mail.Address) string {
	var all []string
	for _, each := range addresses {
		all = append(all, each.String())
	}
	return strings.Join(all, ",\r\n ")
}

// encoded is a text as it may stand in a header: as it is, or in encoded words
// (RFC 2047), each on a line of its own.
func encoded(text string) string {
	return strings.ReplaceAll(mime.QEncoding.Encode("utf-8", text), "?= =?", "?=\r\n =?")
}

// messageID is the same at every attempt, so that whoever gets a message twice
// can tell.
func messageID(id string, from *mail.Address) string {
	_, domain, _ := strings.Cut(from.Address, "@")
	return fmt.Sprintf("<%s@%s>", id, domain)
}

// reference is what leads from the mail back to the gateway.
func reference(message Message) string {
	if message.Alert == nil {
		return message.ID
	}
	return fmt.Sprintf("Budget %s, alert %s.", message.Alert.Budget, message.ID)
}
