package proxy_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"tollgate"
	"tollgate/internal/proxy"
)

// bareServer serves a handler that is not inside of a gateway. What it records
// is sent to rows.
func bareServer(t *testing.T, handler *proxy.Proxy, wrap func(net.Listener) net.Listener) (address string, rows <-chan *tollgate.Exchange) {
	t.Helper()
	recorded := make(chan *tollgate.Exchange, 10)
	handler.Record = func(x *tollgate.Exchange) { recorded <- x }
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = nil
	server.Listener = wrap(server.Listener)
	server.Start()
	t.Cleanup(server.Close)
	return server.Listener.Addr().String(), recorded
}

func awaitRow(t *testing.T, rows <-chan *tollgate.Exchange) *tollgate.Exchange {
	t.Helper()
	select {
	case x := <-rows:
		return x
	case <-time.After(20 * time.Second):
		t.Fatal("waited in vain for the row")
		return nil
	}
}

// TestAClientThatAcceptsNothing is given up: the provider's connection
// is closed, so that it stops and charges no more, and the request has its row.
func TestAClientThatAcceptsNothing(t *testing.T) {
	t.Parallel()
	closed := make(chan struct{})
	provider := newRawProvider(t, func(_ *http.Request, connection net.Conn) {
		defer close(closed)
		_, err := fmt.Fprint(connection, streamHead)
		chunk(connection, eventStart)
		for piece := strings.Repeat(": no end\n", 4000); err == nil; {
			_, err = fmt.Fprintf(connection, "%x\r\n%s\r\n", len(piece), piece)
		}
	})
	handler, _, _ := bareProxy(t, provider.URL, new(bytes.Buffer))
	handler.SetStalledBound(100 * time.Millisecond)
	address, rows := bareServer(t, handler, func(l net.Listener) net.Listener { return l })
	client, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	fmt.Fprintf(client, "POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", len(askStream), askStream)
	await(t, closed, "the provider's connection to be closed")
	compareRow(t, awaitRow(t, rows), row(200, "client_hung_up", true, 10, 0))
}

// deadlines is a listener that keeps the write deadlines of its connections.
type deadlines struct {
	net.Listener

	mu  sync.Mutex
	set []time.Time
}

type deadlineConn struct {
	net.Conn
	all *deadlines
}

func (d *deadlines) Accept() (net.Conn, error) {
	connection, err := d.Listener.Accept()
	return &deadlineConn{connection, d}, err
}

func (c *deadlineConn) SetWriteDeadline(at time.Time) error {
	c.all.mu.Lock()
	c.all.set = append(c.all.set, at)
	c.all.mu.Unlock()
	return c.Conn.SetWriteDeadline(at)
}

func (d *deadlines) all() []time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]time.Time(nil), d.set...)
}

// TestAnAnswersBoundEndsWithIt: it holds to the last byte, and the next request
// on the connection may come whenever it likes.
func TestAnAnswersBoundEndsWithIt(t *testing.T) {
	t.Parallel()
	provider := newRawProvider(t, func(_ *http.Request, connection net.Conn) {
		fmt.Fprint(connection, streamHead)
		chunk(connection, eventStart+eventFinal+eventEnd)
		fmt.Fprint(connection, "0\r\n\r\n")
	})
	handler, _, _ := bareProxy(t, provider.URL, new(bytes.Buffer))
	var connections *deadlines
	address, _ := bareServer(t, handler, func(l net.Listener) net.Listener {
		connections = &deadlines{Listener: l}
		return connections
	})
	client, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	incoming := bufio.NewReader(client)
	ask := func(request string) {
		fmt.Fprint(client, request)
		response, err := http.ReadResponse(incoming, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(response.Body); err != nil || response.StatusCode != http.StatusOK {
			t.Fatal(response.Status, err)
		}
	}
	ask(fmt.Sprintf("POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", len(askStream), askStream))
	ask("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n") // once it is answered, the first answer has long been over
	set := connections.all()
	if len(set) < 3 || set[0].IsZero() || set[1].IsZero() || !set[2].IsZero() {
		t.Errorf("the connection's deadlines: %v; want one for the answer, one for its end, none after", set)
	}
}

// TestAQuietStreamIsNotAStalledClient in HTTP/2 either, where a deadline ends a
// stream even while nothing is being written.
func TestAQuietStreamIsNotAStalledClient(t *testing.T) {
	t.Parallel()
	const bound = 400 * time.Millisecond // more than a busy machine holds up one write
	provider := newRawProvider(t, func(_ *http.Request, connection net.Conn) {
		fmt.Fprint(connection, streamHead)
		chunk(connection, eventStart)
		<-time.After(2 * bound) // what is tested is that this time may pass
		chunk(connection, eventFinal+eventEnd)
		fmt.Fprint(connection, "0\r\n\r\n")
	})
	handler, _, _ := bareProxy(t, provider.URL, new(bytes.Buffer))
	handler.SetStalledBound(bound)
	handler.Record = func(*tollgate.Exchange) {}
	server := httptest.NewUnstartedServer(handler)
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetHTTP1(true)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Start()
	defer server.Close()
	h2 := new(http.Protocols)
	h2.SetUnencryptedHTTP2(true)
	for name, transport := range map[string]*http.Transport{"HTTP/1.1": {}, "HTTP/2.0": {Protocols: h2}} {
		response, err := (&http.Client{Transport: transport}).Post(server.URL+"/v1/messages", "application/json", strings.NewReader(askStream))
		if err != nil {
			t.Fatal(err)
		}
		answer, err := io.ReadAll(response.Body)
		response.Body.Close()
		transport.CloseIdleConnections()
		if err != nil || response.Proto != name || !strings.HasSuffix(string(answer), eventEnd) {
			t.Errorf("%s: %d bytes of the answer, %v", response.Proto, len(answer), err)
		}
	}
}
