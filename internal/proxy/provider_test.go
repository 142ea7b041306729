package proxy_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// rawProvider is a provider on a real socket that sends exactly the bytes it
// is told to and keeps exactly the bytes it gets.
type rawProvider struct {
	URL string

	listener net.Listener
	answer   func(*http.Request, net.Conn)

	mu       sync.Mutex
	received []rawRequest
}

// rawRequest is one request as it stood on the wire.
type rawRequest struct {
	head []byte // request line and headers, without the empty line
	body []byte
}

// newRawProvider answers every request with answer, which owns the connection
// from then on until it returns; the connection is closed after.
func newRawProvider(t testing.TB, answer func(*http.Request, net.Conn)) *rawProvider {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &rawProvider{URL: "http://" + listener.Addr().String(), listener: listener, answer: answer}
	var group sync.WaitGroup
	group.Go(func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			group.Go(func() { p.serve(connection) })
		}
	})
	t.Cleanup(func() { listener.Close(); group.Wait() })
	return p
}

func (p *rawProvider) serve(connection net.Conn) {
	defer connection.Close()
	var wire bytes.Buffer
	request, err := http.ReadRequest(bufio.NewReader(io.TeeReader(connection, &wire)))
	if err != nil {
		return
	}
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return
	}
	head, _, _ := bytes.Cut(wire.Bytes(), []byte("\r\n\r\n"))
	p.mu.Lock()
	p.received = append(p.received, rawRequest{bytes.Clone(head), body})
	p.mu.Unlock()
	p.answer(request, connection)
}

func (p *rawProvider) requests() []rawRequest {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]rawRequest(nil), p.received...)
}

// stay is an answer of these headers and this body, sent as one.
func stay(head, body string) func(*http.Request, net.Conn) {
	return func(_ *http.Request, connection net.Conn) {
		fmt.Fprintf(connection, "HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s", head, len(body), body)
	}
}

// chunk writes one chunk of a chunked answer.
func chunk(connection io.Writer, text string) {
	fmt.Fprintf(connection, "%x\r\n%s\r\n", len(text), text)
}

// isEnvelope says whether body is a refusal of this type.
func isEnvelope(body []byte, kind string) bool {
	var refusal struct {
		Type  string
		Error struct{ Type, Message string }
		ID    string `json:"request_id"`
	}
	err := json.Unmarshal(body, &refusal)
	return err == nil && refusal.Type == "error" && refusal.Error.Type == kind && refusal.Error.Message != "" && strings.HasPrefix(refusal.ID, "req_")
}
