package bound

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// start serves over plain HTTP/1.1 and HTTP/2, or over TLS. A connection that
// is one too many is told so in the answer.
func start(t *testing.T, connections *Connections, secure bool) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if Over(r.Context()) {
			w.WriteHeader(529)
		}
	}))
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetHTTP1(true)
	server.Config.Protocols.SetHTTP2(true)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.EnableHTTP2 = secure
	connections.Watch(server.Config)
	if secure {
		server.StartTLS()
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	return server
}

// reach waits until as many connections are served and turned away.
func reach(t *testing.T, c *Connections, served int64, over int) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); c.Stats().Held != served || c.Open() != over; {
		if time.Now().After(deadline) {
			t.Fatalf("%+v and %d over it; want %d and %d", c.Stats(), c.Open(), served, over)
		}
	}
}

// TestConnections of every kind are counted while they are there, and the one
// too many knows that it is.
func TestConnections(t *testing.T) {
	h2 := new(http.Protocols)
	h2.SetUnencryptedHTTP2(true)
	for name, c := range map[string]struct {
		secure bool
		client func(*httptest.Server) *http.Transport
		proto  string
	}{
		"plain":        {false, func(*httptest.Server) *http.Transport { return &http.Transport{} }, "HTTP/1.1"},
		"plain HTTP/2": {false, func(*httptest.Server) *http.Transport { return &http.Transport{Protocols: h2} }, "HTTP/2.0"},
		"TLS": {true, func(s *httptest.Server) *http.Transport {
			return &http.Transport{TLSClientConfig: s.Client().Transport.(*http.Transport).TLSClientConfig.Clone()}
		}, "HTTP/1.1"},
		"TLS HTTP/2": {true, func(s *httptest.Server) *http.Transport {
			return &http.Transport{TLSClientConfig: s.Client().Transport.(*http.Transport).TLSClientConfig.Clone(), ForceAttemptHTTP2: true}
		}, "HTTP/2.0"},
	} {
		t.Run(name, func(t *testing.T) {
			connections := &Connections{}
			connections.Set(2)
			server := start(t, connections, c.secure)
			var clients []*http.Transport
			for _, want := range []int{200, 200, 529} {
				client := c.client(server)
				clients = append(clients, client)
				request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
				response, err := client.RoundTrip(request)
				if err != nil {
					t.Fatal(err)
				}
				response.Body.Close()
				if response.StatusCode != want || response.Proto != c.proto {
					t.Errorf("%s %s, want %d", response.Proto, response.Status, want)
				}
			}
			reach(t, connections, 2, 1)
			for _, client := range clients {
				client.CloseIdleConnections()
			}
			reach(t, connections, 0, 0)
		})
	}
}

// TestAFloodOfConnections: of those over the bound the oldest makes room for
// the newest, and nothing happens to those within it.
func TestAFloodOfConnections(t *testing.T) {
	for name, secure := range map[string]bool{"plain": false, "TLS": true} {
		t.Run(name, func(t *testing.T) {
			connections := &Connections{spare: 3}
			connections.Set(1)
			server := start(t, connections, secure)
			dial := func() net.Conn {
				connection, err := net.Dial("tcp", server.Listener.Addr().String())
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { connection.Close() })
				return connection
			}
			served := dial()
			reach(t, connections, 1, 0)
			first := dial()
			reach(t, connections, 1, 1)
			var last net.Conn
			for range 20 {
				last = dial()
			}
			if _, err := first.Read(make([]byte, 1)); err == nil {
				t.Error("the oldest is still there")
			}
			reach(t, connections, 1, 3)
			for connection, want := range map[net.Conn]int{served: 200, last: 529} {
				if status := ask(t, connection, secure); status != want {
					t.Errorf("status %d, want %d", status, want)
				}
			}
		})
	}
}

func ask(t *testing.T, connection net.Conn, secure bool) int {
	t.Helper()
	if secure {
		connection = tls.Client(connection, &tls.Config{InsecureSkipVerify: true})
	}
	if _, err := io.WriteString(connection, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode
}
