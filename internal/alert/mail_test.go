package alert

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"tollgate"
	"tollgate/internal/secret"
)

// mailConfig is for that server.
func mailConfig(s *mailServer, encryption Encryption) Mail {
	return Mail{Name: "mail", Server: s.address, From: "Tollgate <tollgate@example.com>", To: []string{"Änn <ann@example.com>", "bob@example.com"}, TLS: encryption}
}

// text is the decoded body, with \n at the end of lines.
func (m mailed) read(t testing.TB) (header mail.Header, text string) {
	t.Helper()
	message, err := mail.ReadMessage(strings.NewReader(m.text))
	if err != nil {
		t.Fatalf("%v: %q", err, m.text)
	}
	body, err := io.ReadAll(quotedprintable.NewReader(message.Body))
	if err != nil {
		t.Fatal(err)
	}
	return message.Header, strings.ReplaceAll(string(body), "\r\n", "\n")
}

func TestMail(t *testing.T) {
	own, roots := certificate(t)
	for name, test := range map[string]struct {
		server     mailServer
		encryption Encryption
		username   string
	}{
		"starttls":           {mailServer{}, StartTLS, ""},
		"starttls, password": {mailServer{password: canary}, StartTLS, "robot"},
		"tls":                {mailServer{implicit: true}, Implicit, ""},
		"tls, password":      {mailServer{implicit: true, password: canary}, Implicit, "robot"},
		"none":               {mailServer{noTLS: true}, Plain, ""},
		"none, though there": {mailServer{}, Plain, ""},
	} {
		t.Run(name, func(t *testing.T) {
			test.server.security = &tls.Config{Certificates: []tls.Certificate{own}}
			test.server.start(t)
			c := mailConfig(&test.server, test.encryption)
			if test.username != "" {
				c.Username, c.Password = test.username, secret.New(canary)
			}
			if err := c.sink(roots).Deliver(t.Context(), newMessage(example(), berlin(t))); err != nil {
				t.Fatal(err)
			}
			got := <-test.server.letters
			if got.from != "tollgate@example.com" || !slices.Equal(got.to, []string{"ann@example.com", "bob@example.com"}) ||
				got.tls != (test.encryption != Plain) || got.auth != test.username {
				t.Errorf("the envelope is %+v", got)
			}
		})
	}
}

func TestMail_Letter(t *testing.T) {
	server := mailServer{noTLS: true}
	server.start(t)
	a := example()
	a.Text.Scope.Name = "Fäßchen"
	sink := mailConfig(&server, Plain).sink(nil)
	message := newMessage(a, berlin(t))
	message.Text = ".\n..two\n" + strings.Repeat("long ", 300) + "\n" + message.Text
	for range 2 { // attempts
		if err := sink.Deliver(t.Context(), message); err != nil {
			t.Fatal(err)
		}
	}
	first, second := <-server.letters, <-server.letters
	if first.text != second.text {
		t.Errorf("the second attempt says something else:\n%s\n%s", first.text, second.text)
	}
	for line := range strings.SplitSeq(first.raw, "\r\n") {
		if len(line) > 998 || strings.ContainsFunc(line, func(r rune) bool { return r > unicode.MaxASCII || r == '\n' || r == '\r' }) {
			t.Errorf("a line is not fit for mail: %q", line)
		}
	}
	header, text := first.read(t)
	if want := message.Text + "\n\nBudget bgt_1, alert " + a.ID() + ".\n"; text != want {
		t.Errorf("the text is\n%q, want\n%q", text, want)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(header.Get("Subject"))
	if err != nil || subject != "tollgate: team Fäßchen has spent 80 % of its monthly budget" {
		t.Errorf("the subject is %q, %v", subject, err)
	}
	to, err := header.AddressList("To")
	if err != nil || len(to) != 2 || to[0].Name != "Änn" || to[1].Address != "bob@example.com" {
		t.Errorf("to %v, %v", to, err)
	}
	if at, err := header.Date(); err != nil || !at.Equal(a.Raised) {
		t.Errorf("the date is %v, %v", at, err)
	}
	for name, want := range map[string]string{
		"From": `"Tollgate" <tollgate@example.com>`, "Message-ID": "<" + a.ID() + "@example.com>", "Auto-Submitted": "auto-generated",
		"MIME-Version": "1.0", "Content-Type": "text/plain; charset=utf-8", "Content-Transfer-Encoding": "quoted-printable",
	} {
		if got := header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

// Whatever is said, it says it inside the one subject and the one body.
func FuzzLetter(f *testing.F) {
	for _, text := range []string{"plain", "a\r\nBcc: x@example.com\r\n\r\nbody", "\n.\r\nRSET", "Fäßchen =?utf-8?q?x?=", strings.Repeat("ü", 300), "\x00\xff", " ", "a?= =?b"} {
		f.Add(text, text)
	}
	from, to := &mail.Address{Address: "t@example.com"}, []*mail.Address{{Address: "a@example.com"}}
	f.Fuzz(func(t *testing.T, title, text string) {
		raw := letter(from, to, Message{ID: "alr_1", At: start, Title: title, Text: text})
		header, body := mailed{text: string(raw)}.read(t)
		if len(header) != 9 {
			t.Errorf("there are %d headers: %v", len(header), header)
		}
		for line := range strings.SplitSeq(string(raw), "\r\n") {
			if strings.ContainsAny(line, "\r\n") {
				t.Errorf("a line break within a line: %q", line)
			}
		}
		if subject, err := new(mime.WordDecoder).DecodeHeader(header.Get("Subject")); utf8.ValidString(title) && printable(title) &&
			(err != nil || strings.Join(strings.Fields(subject), " ") != strings.Join(strings.Fields("tollgate: "+title), " ")) {
			t.Errorf("the subject is %q, %v, want %q", subject, err, title)
		}
		if want := strings.ReplaceAll(text, "\r\n", "\n") + "\n\nalr_1\n"; !strings.Contains(text, "\r") && body != want {
			t.Errorf("the body is %q, want %q", body, want)
		}
	})
}

// printable says whether a text is one that nobody would mistake for an
// encoded word.
func printable(text string) bool {
	return !strings.Contains(text, "=?") && !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) })
}

// Whatever the mail server does, the attempt ends, fails and says why, without
// the password.
func TestPromise6_MailFails(t *testing.T) {
	own, roots := certificate(t)
	_, others := certificate(t)
	for name, test := range map[string]struct {
		server     mailServer
		encryption Encryption
		says       string
	}{
		"no STARTTLS":            {mailServer{noTLS: true}, StartTLS, "offers no STARTTLS"},
		"STARTTLS refused":       {mailServer{answers: map[string]string{"STARTTLS": "454 not now"}}, StartTLS, `454 "not now"`},
		"wrong certificate":      {mailServer{}, StartTLS, "certificate"},
		"wrong certificate, tls": {mailServer{implicit: true}, Implicit, "certificate"},
		"clear text and not TLS": {mailServer{}, Implicit, "TLS handshake"},
		"wrong password":         {mailServer{password: "another"}, StartTLS, `535 "not with \x00robot\x00[redacted]"`},
		"password not asked for": {mailServer{}, StartTLS, "takes no password"},
		"sender refused":         {mailServer{password: canary, answers: map[string]string{"MAIL": "550 who?"}}, StartTLS, `550 "who?"`},
		"all recipients refused": {mailServer{password: canary, answers: map[string]string{"RCPT": "550 nobody"}}, StartTLS, `bob@example.com: 550 "nobody"`},
		"message refused":        {mailServer{password: canary, answers: map[string]string{"DATA": "554 spam"}}, StartTLS, `554 "spam"`},
		"reset at DATA":          {mailServer{password: canary, answers: map[string]string{"DATA": ""}}, StartTLS, "EOF"},
		"endless answer":         {mailServer{answers: map[string]string{"EHLO": strings.Repeat("250-a\r\n", sayBound)}}, StartTLS, "says more than"},
		"endless line":           {mailServer{answers: map[string]string{"EHLO": strings.Repeat("a", 2*sayBound)}}, StartTLS, "says more than"},
		"an answer that is none": {mailServer{answers: map[string]string{"EHLO": "nonsense\x1b[31m"}}, StartTLS, `500 "what?"`},
		"hang":                   {mailServer{answers: map[string]string{"EHLO": "250-wait for it"}}, StartTLS, "closed"},
		"nobody there":           {mailServer{address: closedPort(t)}, StartTLS, "refused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.server.security = &tls.Config{Certificates: []tls.Certificate{own}}
			if test.server.address == "" {
				test.server.start(t)
			}
			c := mailConfig(&test.server, test.encryption)
			c.Username, c.Password = "robot", secret.New(canary)
			trust := roots
			if strings.Contains(name, "wrong certificate") {
				trust = others
			}
			bound := time.Minute
			if name == "hang" {
				bound = 200 * time.Millisecond
			}
			ctx, cancel := context.WithTimeout(t.Context(), bound)
			defer cancel()
			err := c.sink(trust).Deliver(ctx, newMessage(example(), time.UTC))
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Fatalf("%v, want one that says %q", err, test.says)
			}
			if strings.Contains(err.Error(), canary) || strings.ContainsFunc(err.Error(), unicode.IsControl) {
				t.Errorf("it says too much: %q", err)
			}
			if taken(err) || len(test.server.letters) > 0 {
				t.Error("it was taken all the same")
			}
		})
	}
}

func TestMail_SomeRefused(t *testing.T) {
	server := mailServer{noTLS: true, answers: map[string]string{"RCPT TO:<ann@": "550 gone"}}
	server.start(t)
	err := mailConfig(&server, Plain).sink(nil).Deliver(t.Context(), newMessage(example(), time.UTC))
	if partly, ok := errors.AsType[*partlyError](err); !ok || partly.Error() != `taken, but not for everybody: ann@example.com: 550 "gone"` || !taken(err) {
		t.Errorf("%v", err)
	}
	if got := <-server.letters; !slices.Equal(got.to, []string{"bob@example.com"}) {
		t.Errorf("it went to %q", got.to)
	}
}

func TestMail_GoodbyeDoesNotMatter(t *testing.T) {
	server := mailServer{noTLS: true, answers: map[string]string{"QUIT": ""}}
	server.start(t)
	if err := mailConfig(&server, Plain).sink(nil).Deliver(t.Context(), newMessage(example(), time.UTC)); err != nil {
		t.Errorf("the message was taken: %v", err)
	}
}

func TestAlertID(t *testing.T) {
	seen := map[string]string{}
	for name, change := range map[string]func(*tollgate.Alert){
		"itself":    func(*tollgate.Alert) {},
		"budget":    func(a *tollgate.Alert) { a.Budget = "bgt_2" },
		"member":    func(a *tollgate.Alert) { a.Member = tollgate.Scope{Kind: tollgate.ScopeKey, Name: "k"} },
		"window":    func(a *tollgate.Alert) { a.Start = a.Start.AddDate(0, 0, 1) },
		"total":     func(a *tollgate.Alert) { a.Start = time.Time{} },
		"threshold": func(a *tollgate.Alert) { a.Threshold = 95 },
		"sink":      func(a *tollgate.Alert) { a.Sink = "chat" },
	} {
		a := example()
		change(a)
		id := a.ID()
		a.Raised, a.Attempts, a.Error, a.Text.Spent, a.Start = time.Now(), 5, "x", 7, a.Start.In(time.FixedZone("", 3600))
		if other, taken := seen[id]; taken || a.ID() != id || !strings.HasPrefix(id, "alr_") {
			t.Errorf("%s has %s, then %s; %s has it too", name, id, a.ID(), other)
		}
		seen[id] = name
	}
}
