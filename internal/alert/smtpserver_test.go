package alert

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"strings"
	"testing"
)

// mailServer is a mail server that keeps what it takes.
type mailServer struct {
	address  string
	security *tls.Config
	implicit bool              // TLS from the first byte on
	noTLS    bool              // offers no STARTTLS
	password string            // the only one that opens it; empty: it asks for none
	answers  map[string]string // to lines that begin so, in place of what it would say
	letters  chan mailed
}

// mailed is a message with its envelope.
type mailed struct {
	from string
	to   []string
	text string // without dot-stuffing
	raw  string // as it crossed the wire
	tls  bool
	auth string
}

func (s *mailServer) start(t testing.TB) {
	t.Helper()
	s.letters = make(chan mailed, 100)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.address = listener.Addr().String()
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go s.serve(connection)
		}
	}()
}

func (s *mailServer) serve(connection net.Conn) {
	defer connection.Close()
	if s.implicit {
		connection = tls.Server(connection, s.security)
	}
	session := &mailSession{mailServer: s, conn: connection, in: bufio.NewReader(connection), letter: mailed{tls: s.implicit}}
	session.say("220 test ESMTP")
	for {
		line, err := session.in.ReadString('\n')
		if err != nil || !session.hear(strings.TrimSuffix(line, "\r\n")) {
			return
		}
	}
}

type mailSession struct {
	*mailServer
	conn   net.Conn
	in     *bufio.Reader
	letter mailed
}

func (s *mailSession) say(lines string) { fmt.Fprintf(s.conn, "%s\r\n", lines) }

// hear answers one line, and says whether the session goes on.
func (s *mailSession) hear(line string) bool {
	for begin, answer := range s.answers {
		if strings.HasPrefix(line, begin) {
			if answer == "" {
				return false
			}
			s.say(answer)
			return true
		}
	}
	verb, rest, _ := strings.Cut(line, " ")
	switch strings.ToUpper(verb) {
	case "EHLO":
		s.hello()
	case "STARTTLS":
		s.say("220 go ahead")
		s.conn = tls.Server(s.conn, s.security)
		s.in, s.letter.tls = bufio.NewReader(s.conn), true
	case "AUTH":
		s.authenticate(rest)
	case "MAIL":
		s.letter.from = between(rest)
		s.say("250 fine")
	case "RCPT":
		s.letter.to = append(s.letter.to, between(rest))
		s.say("250 fine")
	case "DATA":
		s.data()
	case "QUIT":
		s.say("221 bye")
		return false
	default:
		s.say("500 what?")
	}
	return true
}

func (s *mailSession) hello() {
	lines := "250-test"
	if !s.noTLS && !s.letter.tls {
		lines += "\r\n250-STARTTLS"
	}
	if s.password != "" {
		lines += "\r\n250-AUTH PLAIN"
	}
	s.say(lines + "\r\n250 8BITMIME")
}

func (s *mailSession) authenticate(rest string) {
	response, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(rest, "PLAIN "))
	parts := strings.Split(string(response), "\x00")
	if len(parts) != 3 || parts[2] != s.password {
		s.say("535 not with " + string(response)) // a server that says what it must not
		return
	}
	s.letter.auth = parts[1]
	s.say("235 welcome")
}

func (s *mailSession) data() {
	s.say("354 go on")
	var raw strings.Builder
	dot := textproto.NewReader(bufio.NewReader(io.TeeReader(s.in, &raw))).DotReader()
	text, err := io.ReadAll(dot)
	if err != nil {
		return
	}
	s.letter.text, s.letter.raw = string(text), raw.String()
	s.letters <- s.letter
	s.say("250 taken")
}

// between is the address in "FROM:<address>".
func between(text string) string {
	_, text, _ = strings.Cut(text, "<")
	text, _, _ = strings.Cut(text, ">")
	return text
}
