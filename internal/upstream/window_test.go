package upstream

import (
	"crypto/tls"
	"encoding/binary"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestASlowReaderHoldsTheProviderUp in HTTP/2 too: what the gateway announces to
// a provider is how much of one answer it takes in before somebody reads it.
func TestASlowReaderHoldsTheProviderUp(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.StartTLS() // for its certificate
	defer server.Close()
	config := server.TLS.Clone()
	config.NextProtos = []string{"h2"}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		transport := newTransport()
		transport.TLSClientConfig = server.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
		request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+listener.Addr().String(), nil)
		if response, err := transport.RoundTrip(request); err == nil {
			response.Body.Close() // there is none: the provider hangs up
		}
	}()
	connection, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	if window := streamWindow(t, connection); window > 64<<10 {
		t.Errorf("%d bytes of an answer are taken in before anybody reads them", window)
	}
}

// streamWindow reads a client's preface and its SETTINGS (RFC 9113, 3.4, 4.1, 6.5).
func streamWindow(t *testing.T, from io.Reader) uint32 {
	t.Helper()
	const (
		settingsFrame     = 4
		initialWindowSize = 4
	)
	head := make([]byte, len("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")+9)
	if _, err := io.ReadFull(from, head); err != nil {
		t.Fatal(err)
	}
	frame := head[len(head)-9:]
	settings := make([]byte, int(frame[0])<<16|int(frame[1])<<8|int(frame[2]))
	if _, err := io.ReadFull(from, settings); err != nil || frame[3] != settingsFrame {
		t.Fatal(frame, err)
	}
	for ; len(settings) >= 6; settings = settings[6:] {
		if binary.BigEndian.Uint16(settings) == initialWindowSize {
			return binary.BigEndian.Uint32(settings[2:])
		}
	}
	return 65_535 // the protocol's default
}
