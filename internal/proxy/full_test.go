package proxy_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"tollgate/client"
	"tollgate/internal/gatewaytest"
	"tollgate/internal/proxy"
)

// patient is a provider that begins every answer and ends it when it is told to.
func patient(t *testing.T) (provider *rawProvider, goOn func()) {
	t.Helper()
	end := make(chan struct{})
	provider = newRawProvider(t, func(_ *http.Request, connection net.Conn) {
		fmt.Fprint(connection, streamHead)
		chunk(connection, eventStart)
		select {
		case <-end:
			chunk(connection, eventFinal+eventEnd)
			fmt.Fprint(connection, "0\r\n\r\n")
		case <-t.Context().Done():
		}
	})
	return provider, func() { close(end) }
}

// stream opens a stream on a connection of its own and returns once it has begun.
func stream(t *testing.T, gateway *gatewaytest.Gateway) io.Reader {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	response, err := transport.RoundTrip(gateway.Request(t, "/v1/messages", askStream))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	begin := make([]byte, len(eventStart))
	if _, err := io.ReadFull(response.Body, begin); err != nil || string(begin) != eventStart {
		t.Fatalf("%s %q %v", response.Status, begin, err)
	}
	return response.Body
}

// ends reads a stream that has begun to its end.
func ends(t *testing.T, stream io.Reader) {
	t.Helper()
	if rest, err := io.ReadAll(stream); err != nil || string(rest) != eventFinal+eventEnd {
		t.Errorf("a stream under way was not finished: %q, %v", rest, err)
	}
}

// isFull checks the refusal of a gateway that is full.
func isFull(t *testing.T, response *http.Response, body []byte) {
	t.Helper()
	wait, err := strconv.Atoi(response.Header.Get("Retry-After"))
	if response.StatusCode != 529 || !isEnvelope(body, "overloaded_error") || err != nil || wait < 2 || wait > 10 || response.Header.Get("X-Should-Retry") != "" {
		t.Errorf("not a refusal for want of room: %s %v %s", response.Status, response.Header, body)
	}
}

// lone sends a request on a connection of its own.
func lone(t *testing.T, transport *http.Transport, request *http.Request) (*http.Response, []byte) {
	t.Helper()
	defer transport.CloseIdleConnections()
	response, err := transport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, body
}

// until waits for a load.
func until(t *testing.T, gateway *gatewaytest.Gateway, what string, is func(proxy.Load) bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !is(gateway.App().Load()); {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s: %+v", what, gateway.App().Load())
		}
	}
}

// probes asks what a balancer and an administrator ask.
func probes(t *testing.T, gateway *gatewaytest.Gateway, transport *http.Transport) {
	t.Helper()
	for _, path := range []string{"/healthz", "/readyz"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, gateway.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if response, _ := lone(t, transport.Clone(), request); response.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", path, response.Status)
		}
	}
	if _, err := gateway.Admin.Requests(t.Context(), client.RequestQuery{}); err != nil {
		t.Errorf("the admin socket: %v", err)
	}
}

// TestFull_Requests: one more than limits.max_requests is refused at once and
// has its row; those under way are not touched, and the next one finds room.
func TestFull_Requests(t *testing.T) {
	t.Parallel()
	provider, goOn := patient(t)
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: provider.URL, Config: "limits: {max_requests: 2}"})
	first, second := stream(t, gateway), stream(t, gateway)
	for range 3 {
		response, body := lone(t, &http.Transport{}, gateway.Request(t, "/v1/messages", askWhole))
		isFull(t, response, body)
	}
	probes(t, gateway, &http.Transport{})
	if load := gateway.App().Load().Requests; load.Held != 2 || load.Bound != 2 || load.Refused != 3 {
		t.Errorf("%+v", load)
	}
	if err := gateway.Reload(t, gatewaytest.Options{Upstream: provider.URL, Config: "limits: {max_requests: 1}"}); err != nil {
		t.Fatal(err)
	}
	goOn()
	ends(t, first)
	ends(t, second)
	until(t, gateway, "room", func(l proxy.Load) bool { return l.Requests.Held == 0 })
	ends(t, stream(t, gateway))
	refused := 0
	for _, x := range gateway.WaitRows(t, 6) {
		if x.Status == 529 && x.Error == "overloaded_error" && x.Upstream == "" && x.Cost == 0 && x.Developer == "ann@example.com" {
			refused++
		}
	}
	if refused != 3 || len(provider.requests()) != 3 {
		t.Errorf("%d rows of refusals; %d requests arrived", refused, len(provider.requests()))
	}
	if shouts := strings.Count(gateway.Log(), "tollgate is full"); shouts != 1 {
		t.Errorf("operators heard of it %d times, want once in ten seconds", shouts)
	}
}

// TestFull_Bodies: what counts is what has arrived. A body for which there is no
// room is refused, a smaller one is served meanwhile, and those that are
// arriving are not touched.
func TestFull_Bodies(t *testing.T) {
	t.Parallel()
	provider := newRawProvider(t, stay("200 OK\r\nConnection: close\r\nContent-Type: application/json", wholeAnswer))
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: provider.URL, Config: "limits: {max_request_bytes: 64KiB, max_body_bytes_in_flight: 132KiB}"})
	large := `{"model":"claude-opus-5-5","pad":"` + strings.Repeat("x", 60_000) + `"}`
	var uploads []net.Conn
	for n := range int64(2) {
		connection := dial(t, gateway)
		fmt.Fprintf(connection, "%sContent-Length: %d\r\n\r\n%s", strings.Replace(goodHead, "$KEY", gateway.Key, 1), len(large), large[:50_000])
		until(t, gateway, "the upload", func(l proxy.Load) bool { return l.BodyBytes.Held == (n+1)*64<<10 })
		uploads = append(uploads, connection)
	}
	response, body := lone(t, &http.Transport{}, gateway.Request(t, "/v1/messages", large[:10_000]))
	isFull(t, response, body)
	if status, answer := gateway.Ask(t, askWhole); status != http.StatusOK || answer != wholeAnswer {
		t.Errorf("a small one: %d %s", status, answer)
	}
	probes(t, gateway, &http.Transport{})
	for _, connection := range uploads {
		_, _ = io.WriteString(connection, large[50_000:])
		if response, body := readAnswer(t, connection); response.StatusCode != http.StatusOK {
			t.Errorf("an upload that was under way: %s %s", response.Status, body)
		}
	}
	gateway.WaitRows(t, 4)
}

// TestFull_Copies: a copy that is made because a model has another name counts
// as the body does.
func TestFull_Copies(t *testing.T) {
	t.Parallel()
	provider := newRawProvider(t, stay("200 OK\r\nConnection: close\r\nContent-Type: application/json", wholeAnswer))
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: provider.URL, Config: `
models: [{id: claude-opus-5-5, upstream_ids: {provider: our-opus}}]
limits: {max_request_bytes: 64KiB, max_body_bytes_in_flight: 140KiB}
`})
	large := `{"model":"claude-opus-5-5","pad":"` + strings.Repeat("x", 50_000) + `"}`
	connection := dial(t, gateway)
	fmt.Fprintf(connection, "%sContent-Length: %d\r\n\r\n%s", strings.Replace(goodHead, "$KEY", gateway.Key, 1), len(large), large[:40_000])
	until(t, gateway, "the upload", func(l proxy.Load) bool { return l.BodyBytes.Held == 64<<10 })
	response, body := lone(t, &http.Transport{}, gateway.Request(t, "/v1/messages", large))
	isFull(t, response, body)
	if len(provider.requests()) != 0 {
		t.Error("it arrived at the provider")
	}
	_, _ = io.WriteString(connection, large[40_000:])
	if response, body := readAnswer(t, connection); response.StatusCode != http.StatusOK {
		t.Errorf("the one that was there before: %s %s", response.Status, body)
	}
}

// TestFull_Connections: one too many is told so, over TLS too, and may ask how
// the gateway does; those that are there stay.
func TestFull_Connections(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	cert, key := filepath.Join(folder, "tls.crt"), filepath.Join(folder, "tls.key")
	pool := gatewaytest.WriteCertificate(t, cert, key, "gateway")
	h2 := new(http.Protocols)
	h2.SetUnencryptedHTTP2(true)
	for name, c := range map[string]struct {
		listen    string
		transport *http.Transport
	}{
		"HTTP/1.1":       {"", &http.Transport{}},
		"HTTP/2":         {"", &http.Transport{Protocols: h2}},
		"HTTP/1.1 (TLS)": {fmt.Sprintf("listen: {address: \"127.0.0.1:0\", tls: {cert: %q, key: %q}}\n", cert, key), &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}},
		"HTTP/2 (TLS)":   {fmt.Sprintf("listen: {address: \"127.0.0.1:0\", tls: {cert: %q, key: %q}}\n", cert, key), &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}},
	} {
		t.Run(name, func(t *testing.T) {
			provider, goOn := patient(t)
			gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: provider.URL, Config: c.listen + "limits: {max_connections: 1}"})
			within := c.transport.Clone()
			defer within.CloseIdleConnections()
			response, err := within.RoundTrip(gateway.Request(t, "/v1/messages", askStream))
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			refusal, body := lone(t, c.transport.Clone(), gateway.Request(t, "/v1/messages", askWhole))
			isFull(t, refusal, body)
			if refusal.ProtoMajor == 1 && !refusal.Close {
				t.Error("the connection is kept")
			}
			probes(t, gateway, c.transport)
			goOn()
			if answer, err := io.ReadAll(response.Body); err != nil || string(answer) != eventStart+eventFinal+eventEnd {
				t.Errorf("the stream under way: %q, %v", answer, err)
			}
			if load := gateway.App().Load(); load.Connections.Held != 1 || load.Connections.Refused != 3 {
				t.Errorf("%+v", load)
			}
		})
	}
}

// TestFull_TheUploadIsNotAwaited: who is refused hears it while still sending,
// and may send the rest without finding a broken connection.
func TestFull_TheUploadIsNotAwaited(t *testing.T) {
	t.Parallel()
	provider, goOn := patient(t)
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: provider.URL, Config: "limits: {max_requests: 1, read_request: 1h}"})
	under := stream(t, gateway)
	keepingHead := strings.Replace(goodHead, "Connection: close\r\n", "", 1) // for a client that would ask again on it
	for name, c := range map[string]struct{ size, first int }{
		"it listens while it sends":        {20 << 20, 10},
		"it listens while it sends little": {100_000, 10},
		"it sends everything first":        {20 << 20, 20 << 20},
	} {
		t.Run(name, func(t *testing.T) {
			large, first := strings.Repeat("x", c.size), c.first
			connection := dial(t, gateway)
			if err := writeRaw(t, gateway, connection, fmt.Sprintf("%sContent-Length: %d\r\n\r\n%s", keepingHead, len(large), large[:first])); err != nil {
				t.Errorf("the gateway did not let the client finish: %v", err)
			}
			incoming := bufio.NewReader(connection)
			response, err := http.ReadResponse(incoming, nil)
			if err != nil {
				t.Fatal(err)
			}
			body := make([]byte, response.ContentLength)
			if _, err := io.ReadFull(response.Body, body); err != nil {
				t.Fatal(err)
			}
			isFull(t, response, body)
			if !response.Close {
				t.Error("the connection is kept")
			}
			if _, err := io.WriteString(connection, large[first:]); err != nil {
				t.Errorf("the rest: %v", err)
			}
			if _, err := incoming.ReadByte(); err != io.EOF {
				t.Errorf("the connection does not end in good order: %v", err)
			}
		})
	}
	until(t, gateway, "the rest to be read", func(l proxy.Load) bool { return l.Lingering.Held == 0 })
	if held := gateway.App().Load().BodyBytes.Held; held != 0 {
		t.Errorf("a refused body holds %d bytes", held)
	}
	goOn()
	ends(t, under)
}

// TestFull_NotEverybodyIsReadOn: as many uploads of refused requests are read
// to their end as requests may be under way. The next one's connection ends.
func TestFull_NotEverybodyIsReadOn(t *testing.T) {
	t.Parallel()
	provider, goOn := patient(t)
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: provider.URL, Config: "limits: {max_requests: 1, read_request: 1h}"})
	under := stream(t, gateway)
	upload := strings.Replace(goodHead, "$KEY", gateway.Key, 1) + "Content-Length: 1000000\r\n\r\n{"
	first := dial(t, gateway)
	fmt.Fprint(first, upload)
	until(t, gateway, "the first upload", func(l proxy.Load) bool { return l.Lingering.Held == 1 })
	second := dial(t, gateway)
	fmt.Fprint(second, upload)
	if response, body := readAnswer(t, second); response.StatusCode != 529 {
		t.Errorf("%s %s", response.Status, body)
	}
	if _, err := second.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the connection does not end: %v", err)
	}
	if lingering := gateway.App().Load().Lingering; lingering.Held != 1 || lingering.Refused != 1 {
		t.Errorf("%+v", lingering)
	}
	first.Close()
	goOn()
	ends(t, under)
}

// TestFull_TheyComeBackOneByOne: who is refused together is not told to come
// back together.
func TestFull_TheyComeBackOneByOne(t *testing.T) {
	handler, snapshot, _ := bareProxy(t, "http://127.0.0.1:1", new(bytes.Buffer))
	snapshot.Limits.MaxRequests = 0
	handler.Swap(snapshot)
	waits := map[string]int{}
	for range 500 {
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/messages", strings.NewReader(askWhole)))
		isFull(t, answer.Result(), answer.Body.Bytes())
		waits[answer.Header().Get("Retry-After")]++
	}
	if len(waits) != 9 {
		t.Errorf("they are told to wait for %v seconds; want all from 2 to 10", waits)
	}
}

// TestFull_AFaultGivesBack what its request had taken.
func TestFull_AFaultGivesBack(t *testing.T) {
	handler, snapshot, _ := bareProxy(t, "http://127.0.0.1:1", new(bytes.Buffer))
	snapshot.Upstreams["provider"] = nil // stands for any mistake after the request was understood
	func() {
		defer func() { _ = recover() }() // what it is, is tested elsewhere
		handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/v1/messages", strings.NewReader(askWhole)))
	}()
	if load := handler.Load(); load.BodyBytes.Held != 0 || load.Requests.Held != 0 {
		t.Errorf("%+v", load)
	}
}
