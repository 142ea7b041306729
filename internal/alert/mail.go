package alert

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/smtp"
	"os"

	"tollgate/internal/secret"
)

// mailSink hands messages to a mail server for delivery.
type mailSink struct {
	server     string
	from       *netmail.Address
	to         []*netmail.Address
	username   string
	password   secret.String
	encryption Encryption
	roots      *x509.CertPool
}

func (m Mail) sink(roots *x509.CertPool) Sink {
	s := &mailSink{server: m.Server, username: m.Username, password: m.Password, encryption: m.TLS, roots: roots}
	s.from, _ = parseAddress(m.From) // it has been validated, as have the next
	for _, each := range m.To {
		to, _ := parseAddress(each)
		s.to = append(s.to, to)
	}
	return s
}

// Deliver implements Sink. A message that the server takes for some of the
// recipients is taken.
func (s *mailSink) Deliver(ctx context.Context, message Message) error {
	err := s.deliver(ctx, message)
	if partly, ok := errors.AsType[*partlyError](err); ok {
		return partly
	}
	return tame(err, s.password)
}

func (s *mailSink) deliver(ctx context.Context, message Message) error {
	connection, err := s.dial(ctx)
	if err != nil {
		return err
	}
	defer connection.Close()
	over := context.AfterFunc(ctx, func() { _ = connection.Close() }) // which ends whatever waits for it
	defer over()
	return s.converse(connection, message)
}

func (s *mailSink) dial(ctx context.Context) (net.Conn, error) {
	connection, err := new(net.Dialer).DialContext(ctx, "tcp", s.server)
	if err != nil {
		return nil, err
	}
	connection = &boundConn{Conn: connection, left: sayBound}
	if s.encryption == Implicit {
		connection = tls.Client(connection, s.security())
	}
	return connection, nil
}

func (s *mailSink) host() string {
	host, _, _ := net.SplitHostPort(s.server)
	return host
}

func (s *mailSink) security() *tls.Config {
	return &tls.Config{ServerName: s.host(), RootCAs: s.roots}
}

// converse says everything that SMTP (RFC 5321) wants to hear for one message.
func (s *mailSink) converse(connection net.Conn, message Message) error {
	client, err := smtp.NewClient(connection, s.host())
	if err != nil {
		return err
	}
	if err := s.introduce(client); err != nil {
		return err
	}
	if err := client.Mail(s.from.Address); err != nil {
		return err
	}
	refusals, err := s.address(client)
	if err != nil {
		return err
	}
	if err := send(client, letter(s.from, s.to, message)); err != nil {
		return err
	}
	_ = client.Quit() // it has the message
	if len(refusals) > 0 {
		return &partlyError{refusals}
	}
	return nil
}

// introduce says who sends, and to nobody else than the server.
func (s *mailSink) introduce(client *smtp.Client) error {
	if name, err := os.Hostname(); err == nil && validHost.MatchString(name) {
		if err := client.Hello(name); err != nil {
			return err
		}
	}
	if s.encryption == StartTLS {
		if offered, _ := client.Extension("STARTTLS"); !offered {
			return errors.New("the server offers no STARTTLS, without which it is told nothing; write tls or none if that is meant")
		}
		if err := client.StartTLS(s.security()); err != nil {
			return err
		}
	}
	if s.username == "" {
		return nil
	}
	if asks, _ := client.Extension("AUTH"); !asks {
		return errors.New("the server takes no password; remove username and password if it needs none")
	}
	return client.Auth(smtp.PlainAuth("", s.username, s.password.Reveal(), s.host()))
}

// address names the recipients, and returns what the server says against some.
// It is an error when there is none left.
func (s *mailSink) address(client *smtp.Client) (refusals []string, err error) {
	var refused []error
	for _, to := range s.to {
		if err := client.Rcpt(to.Address); err != nil {
			refused = append(refused, fmt.Errorf("%s: %w", to.Address, err))
			refusals = append(refusals, tame(refused[len(refused)-1], s.password).Error())
		}
	}
	if len(refused) == len(s.to) {
		return nil, errors.Join(refused...)
	}
	return refusals, nil
}

func send(client *smtp.Client, text []byte) error {
	out, err := client.Data()
	if err != nil {
		return err
	}
	if _, err := out.Write(text); err != nil {
		return err
	}
	return out.Close()
}

// sayBound is how much a server may say in one conversation, its certificates
// included, in bytes.
const sayBound = 256 << 10

// boundConn reads so much and no more.
type boundConn struct {
	net.Conn
	left int
}

var errTalkative = fmt.Errorf("the server says more than %d bytes", sayBound)

// Read implements io.Reader.
func (c *boundConn) Read(into []byte) (int, error) {
	if c.left <= 0 {
		return 0, errTalkative
	}
	n, err := c.Conn.Read(into[:min(len(into), c.left)])
	c.left -= n
	return n, err
}
