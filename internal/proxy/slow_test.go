package proxy_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"tollgate/internal/gatewaytest"
	"tollgate/internal/proxy"
)

// What a client may cost while it is slow, in bytes: buffers of net/http, stacks,
// digests, and its own end and the provider's, which are in this process too.
// The bodies and answers of these tests are many times larger.
const (
	perUpload = 80 << 10
	perReader = 200 << 10
)

// memory is what the process holds that the collector cannot free.
func memory() int64 {
	runtime.GC()
	runtime.GC() // what a pool holds is free only then
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc + stats.StackInuse)
}

// slowClients opens as many connections, all of which send text.
func slowClients(t *testing.T, gateway *gatewaytest.Gateway, n int, text string) []net.Conn {
	t.Helper()
	var all []net.Conn
	for range n {
		connection, err := net.Dial("tcp", strings.TrimPrefix(gateway.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { connection.Close() })
		if err := connection.SetDeadline(time.Now().Add(2 * time.Minute)); err != nil {
			t.Fatal(err)
		}
		_ = connection.(*net.TCPConn).SetReadBuffer(4 << 10)
		if _, err := io.WriteString(connection, strings.Replace(text, "$KEY", gateway.Key, 1)); err != nil {
			t.Fatal(err)
		}
		all = append(all, connection)
	}
	return all
}

// TestPromise8_SlowUploads: clients that announce a megabyte and send it a byte
// at a time cost their connection and one small buffer each, and somebody quick
// is served meanwhile.
func TestPromise8_SlowUploads(t *testing.T) {
	const clients, pieces = 2000, 20
	provider := newRawProvider(t, stay("200 OK\r\nConnection: close\r\nContent-Type: application/json", wholeAnswer))
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: provider.URL, Config: "limits: {read_request: 1h}"})
	before := memory()
	all := slowClients(t, gateway, clients, goodHead+"Content-Length: 1000000\r\n\r\n")
	until(t, gateway, "the uploads", func(l proxy.Load) bool { return l.Requests.Held == clients })
	for range pieces {
		for _, connection := range all {
			if _, err := io.WriteString(connection, "{"); err != nil {
				t.Fatal(err)
			}
		}
	}
	if status, answer := gateway.Ask(t, askWhole); status != http.StatusOK || answer != wholeAnswer {
		t.Errorf("somebody quick: %d %s", status, answer)
	}
	if held := gateway.App().Load().BodyBytes.Held; held > clients*4<<10 {
		t.Errorf("%d bodies of %d bytes count for %d bytes", clients, pieces, held)
	}
	grown := memory() - before
	t.Logf("%d bytes for each of %d slow uploads", grown/clients, clients)
	if grown > clients*perUpload {
		t.Errorf("%d slow uploads hold %d bytes", clients, grown)
	}
	for _, connection := range all {
		connection.Close()
	}
	until(t, gateway, "their end", func(l proxy.Load) bool { return l.Requests.Held == 0 && l.BodyBytes.Held == 0 })
}

// TestPromise8_SlowReaders: a provider that would send each of them many
// megabytes at once waits for them. What they have not read is not here.
func TestPromise8_SlowReaders(t *testing.T) {
	const clients, pieces = 500, 20
	text := strings.Repeat(": more than anybody reads\n", 2_500)
	burst := fmt.Appendf(nil, "%x\r\n%s\r\n", len(text), text)
	provider := newRawProvider(t, func(_ *http.Request, connection net.Conn) {
		_ = connection.(*net.TCPConn).SetWriteBuffer(16 << 10) // let the kernel hold little of it
		_, err := fmt.Fprint(connection, streamHead)
		chunk(connection, eventStart)
		for n := 0; n < 1000 && err == nil; n++ {
			_, err = connection.Write(burst)
		}
	})
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: provider.URL})
	before := memory()
	all := slowClients(t, gateway, clients, fmt.Sprintf("%sContent-Length: %d\r\n\r\n%s", goodHead, len(askStream), askStream))
	piece := make([]byte, 1)
	for range pieces {
		for _, connection := range all {
			if _, err := connection.Read(piece); err != nil {
				t.Fatal(err)
			}
		}
	}
	if load := gateway.App().Load(); load.Requests.Held != clients || load.BodyBytes.Held != 0 {
		t.Errorf("%+v", load)
	}
	grown := memory() - before
	t.Logf("%d bytes for each of %d slow readers", grown/clients, clients)
	if grown > clients*perReader {
		t.Errorf("%d slow readers hold %d bytes", clients, grown)
	}
	for _, connection := range all {
		connection.Close()
	}
	until(t, gateway, "their end", func(l proxy.Load) bool { return l.Requests.Held == 0 })
}
