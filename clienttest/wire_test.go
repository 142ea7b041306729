package clienttest

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
)

// wire is a length of cable in front of the gateway: it passes bytes on and
// keeps a copy, so that what the client really sent is known from outside the
// gateway.
type wire struct {
	url    string
	target string

	mu    sync.Mutex
	lines []*connection
	done  sync.WaitGroup
}

// connection is what crossed one TCP connection, by direction.
type connection struct {
	mu         sync.Mutex
	sent, came bytes.Buffer
}

// exchange is one request and its answer as they crossed the wire.
type exchange struct {
	method, path string
	header       http.Header
	body         []byte
	status       int
	answerHeader http.Header
	answer       []byte // as far as it came
}

// newWire listens, and passes everything on to the address target.
func newWire(t *testing.T, target string) *wire {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{url: "http://" + listener.Addr().String(), target: target}
	w.done.Go(func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			w.done.Go(func() { w.connect(near) })
		}
	})
	t.Cleanup(func() {
		listener.Close()
		w.done.Wait()
	})
	return w
}

func (w *wire) connect(near net.Conn) {
	defer near.Close()
	far, err := net.Dial("tcp", w.target)
	if err != nil {
		return
	}
	defer far.Close()
	kept := new(connection)
	w.mu.Lock()
	w.lines = append(w.lines, kept)
	w.mu.Unlock()

	var both sync.WaitGroup
	both.Go(func() { kept.pass(far, near, &kept.sent) })
	both.Go(func() { kept.pass(near, far, &kept.came) })
	both.Wait()
}

// pass copies until either side ends, and then ends both: no half of a
// connection is of use to HTTP.
func (c *connection) pass(to, from net.Conn, copyOf *bytes.Buffer) {
	defer to.Close()
	defer from.Close()
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		c.mu.Lock()
		copyOf.Write(buffer[:n])
		c.mu.Unlock()
		if _, failed := to.Write(buffer[:n]); err != nil || failed != nil {
			return
		}
	}
}

// exchanges reads what crossed, connection by connection.
func (w *wire) exchanges(t *testing.T) []exchange {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []exchange
	for _, line := range w.lines {
		all = append(all, line.exchanges(t)...)
	}
	return all
}

func (c *connection) exchanges(t *testing.T) []exchange {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	sent, came := bufio.NewReader(bytes.NewReader(c.sent.Bytes())), bufio.NewReader(bytes.NewReader(c.came.Bytes()))
	var all []exchange
	for {
		request, err := http.ReadRequest(sent)
		if err != nil {
			return all
		}
		one := exchange{method: request.Method, path: request.RequestURI, header: request.Header}
		if one.body, err = io.ReadAll(request.Body); err != nil {
			t.Errorf("the client sent half a request: %v", err)
		}
		if response, err := http.ReadResponse(came, request); err == nil {
			one.status, one.answerHeader = response.StatusCode, response.Header
			one.answer, _ = io.ReadAll(response.Body) // a cut answer is as long as it is
		}
		all = append(all, one)
	}
}
