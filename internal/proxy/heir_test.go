package proxy_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"tollgate"
	"tollgate/internal/proxy"
)

// wayTo is the way to an heir, with a connection for each request.
func wayTo(address string) http.RoundTripper {
	return &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "tcp", address)
		},
		DisableKeepAlives: true, DisableCompression: true,
	}
}

// retired is a proxy on a real socket that passes on to an heir, over HTTP/1.1
// or HTTP/2 in clear text. What it records or counts is a mistake.
func retired(t *testing.T, heir string) (p *proxy.Proxy, url string) {
	t.Helper()
	p, _, _ = bareProxy(t, "http://127.0.0.1:1", new(bytes.Buffer))
	p.Record = func(x *tollgate.Exchange) { t.Errorf("what is passed on is recorded: %+v", x) }
	p.PassOn(wayTo(strings.TrimPrefix(heir, "http://")))
	server := httptest.NewUnstartedServer(p)
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetHTTP1(true)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Start()
	t.Cleanup(server.Close)
	return p, server.URL
}

func dialTCP(t *testing.T, url string) net.Conn {
	t.Helper()
	connection, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	_ = connection.SetDeadline(time.Now().Add(20 * time.Second))
	return connection
}

// TestPromise1_WhatIsPassedOn arrives as it came, and its answer as it is given,
// but for what is between two neighbours alone.
func TestPromise1_WhatIsPassedOn(t *testing.T) {
	t.Parallel()
	heir := newRawProvider(t, func(_ *http.Request, connection net.Conn) {
		_, _ = io.WriteString(connection, "HTTP/1.1 418 I'm a teapot\r\nContent-Length: 3\r\nDate: never\r\nConnection: close\r\nSet-Cookie: a=b\r\nX-Twice: 1\r\nX-Twice: 2\r\nAnthropic-Ratelimit-Unified-Status: allowed\r\n\r\n\x00\xff\n")
	})
	_, url := retired(t, heir.URL)
	connection := dialTCP(t, url)
	fmt.Fprintf(connection, "POST /v1/messages/count_tokens?beta=true&a=%%2F HTTP/1.1\r\nHost: gateway.example\r\nAuthorization: Bearer secret\r\nTollgate-Peer: 10.9.8.7:1\r\nX-Twice: 1\r\nX-Twice: 2\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n\x00{}\r\n")
	answer, err := io.ReadAll(connection)
	const want = "HTTP/1.1 418 I'm a teapot\r\nAnthropic-Ratelimit-Unified-Status: allowed\r\nConnection: close\r\nContent-Length: 3\r\nDate: never\r\nSet-Cookie: a=b\r\nX-Twice: 1\r\nX-Twice: 2\r\n\r\n\x00\xff\n"
	if got := strings.TrimPrefix(string(answer), "HTTP/1.1 100 Continue\r\n\r\n"); got != want || err != nil {
		t.Errorf("the client gets %q, %v", got, err)
	}
	sent := heir.requests()[0]
	lines := strings.Split(string(sent.head), "\r\n")
	slices.Sort(lines[1:])
	wanted := []string{
		"POST /v1/messages/count_tokens?beta=true&a=%2F HTTP/1.1", "Authorization: Bearer secret", "Connection: close", "Content-Length: 5",
		"Host: gateway.example", "Tollgate-Peer: " + connection.LocalAddr().String(), "X-Twice: 1", "X-Twice: 2",
	}
	if !slices.Equal(lines, wanted) || string(sent.body) != "\x00{}\r\n" {
		t.Errorf("the heir is sent %q and %q", lines, sent.body)
	}
}

// TestPromise1_AStreamThatIsPassedOn: every piece leaves when it comes, and
// a cut is one for the client too. In both protocols the answer is the last.
func TestPromise1_AStreamThatIsPassedOn(t *testing.T) {
	t.Parallel()
	h2 := new(http.Protocols)
	h2.SetUnencryptedHTTP2(true)
	for name, transport := range map[string]*http.Transport{"HTTP/1.1": {}, "HTTP/2.0": {Protocols: h2}} {
		for _, cut := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, cut %v", name, cut), func(t *testing.T) {
				read := make(chan struct{})
				heir := newRawProvider(t, func(_ *http.Request, connection net.Conn) {
					_, _ = io.WriteString(connection, streamHead)
					for _, piece := range []string{"one\n\n", "two\n\n"} {
						chunk(connection, piece)
						<-read // or else they would come as one
					}
					if !cut {
						chunk(connection, "")
					}
				})
				_, url := retired(t, heir.URL)
				response, err := (&http.Client{Transport: transport}).Post(url+"/v1/messages", "application/json", strings.NewReader(askStream))
				if err != nil {
					t.Fatal(err)
				}
				defer response.Body.Close()
				if response.Proto != name || name == "HTTP/1.1" && !response.Close {
					t.Errorf("%s, the last on its connection: %v", response.Proto, response.Close)
				}
				for _, want := range []string{"one\n\n", "two\n\n"} {
					piece := make([]byte, len(want))
					if _, err := io.ReadFull(response.Body, piece); err != nil || string(piece) != want {
						t.Errorf("%q, %v", piece, err)
					}
					read <- struct{}{}
				}
				if rest, err := io.ReadAll(response.Body); (err != nil) != cut || len(rest) > 0 {
					t.Errorf("it ends with %q, %v", rest, err)
				}
				transport.CloseIdleConnections()
			})
		}
	}
}

// TestPromise2_AClientThatHangsUpOnWhatIsPassedOn hangs up on the heir, who
// stops the provider and records it.
func TestPromise2_AClientThatHangsUpOnWhatIsPassedOn(t *testing.T) {
	t.Parallel()
	ended := make(chan struct{})
	heir := newRawProvider(t, func(_ *http.Request, connection net.Conn) {
		_, _ = io.WriteString(connection, streamHead)
		chunk(connection, eventStart)
		waitForEnd(connection)
		close(ended)
	})
	_, url := retired(t, heir.URL)
	connection := dialTCP(t, url)
	fmt.Fprintf(connection, "POST /v1/messages HTTP/1.1\r\nHost: gateway\r\nContent-Length: %d\r\n\r\n%s", len(askStream), askStream)
	if line, err := bufio.NewReader(connection).ReadString('\n'); err != nil || line != "HTTP/1.1 200 OK\r\n" {
		t.Errorf("%q, %v", line, err)
	}
	connection.Close()
	select {
	case <-ended:
	case <-time.After(20 * time.Second):
		t.Error("the heir is never told")
	}
}

// TestWhatTheHeirRefuses before it has read it: the client gets the refusal as
// it would from the heir itself, be it one that listens while it sends or one
// that sends everything first.
func TestWhatTheHeirRefuses(t *testing.T) {
	t.Parallel()
	next, _, _ := bareProxy(t, "http://127.0.0.1:1", new(bytes.Buffer))
	next.Identity = nobodyKnown{}
	server := httptest.NewServer(next.Inherited())
	t.Cleanup(server.Close)
	_, url := retired(t, server.URL)
	for _, size := range []int{100 << 10, 20 << 20} { // one that net/http would read by itself, and one that no buffer takes
		for _, first := range []int{1, size} {
			connection := dialTCP(t, url)
			fmt.Fprintf(connection, "POST /v1/messages HTTP/1.1\r\nHost: gateway\r\nContent-Length: %d\r\n\r\n", size)
			if _, err := connection.Write(bytes.Repeat([]byte("{"), first)); err != nil {
				t.Errorf("%d of %d bytes: what is sent is not read: %v", first, size, err)
			}
			response, err := http.ReadResponse(bufio.NewReader(connection), nil)
			if err != nil || response.StatusCode != http.StatusUnauthorized || !response.Close {
				t.Fatalf("%d of %d bytes: %+v, %v", first, size, response, err)
			}
			if text, err := io.ReadAll(response.Body); !isEnvelope(text, "authentication_error") || err != nil {
				t.Errorf("%d of %d bytes: %s, %v", first, size, text, err)
			}
		}
	}
}

// nobodyKnown is an identity that opens for nobody.
type nobodyKnown struct{}

func (nobodyKnown) Identify(http.Header) (tollgate.Principal, error) {
	return tollgate.Principal{}, tollgate.Errorf(tollgate.Unauthenticated, "who are you?")
}

// TestBadInput_WhatIsPassedOnAndNeverSent: a client that does not send what it
// announces is told so, by the clock of the process that it is connected to.
func TestBadInput_WhatIsPassedOnAndNeverSent(t *testing.T) {
	t.Parallel()
	heir := newRawProvider(t, stay("200 OK", wholeAnswer))
	p, url := retired(t, heir.URL)
	limits := proxy.DefaultLimits()
	limits.ReadRequest = 50 * time.Millisecond
	p.Swap(&proxy.Snapshot{Limits: limits})
	refused := make(chan tollgate.Kind, 1)
	p.Refused = func(kind tollgate.Kind) { refused <- kind }
	connection := dialTCP(t, url)
	_, _ = io.WriteString(connection, "POST /v1/messages HTTP/1.1\r\nHost: gateway\r\nContent-Length: 100\r\n\r\n{")
	answer, err := io.ReadAll(connection)
	if !strings.HasPrefix(string(answer), "HTTP/1.1 408 ") || err != nil || <-refused != tollgate.TooSlow || len(heir.requests()) > 0 {
		t.Errorf("%s, %v", answer, err)
	}
}

// deadlined is a connection whose deadline for reading is known.
type deadlined struct {
	*httptest.ResponseRecorder
	until []time.Time
}

func (d *deadlined) SetReadDeadline(t time.Time) error {
	d.until = append(d.until, t)
	return nil
}

// TestAnAnswerOutlivesTheTimeToSendItsRequest, also where it is passed on: once
// the body is there, or where there is none, nothing has to arrive in time.
func TestAnAnswerOutlivesTheTimeToSendItsRequest(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", askStream} {
		p, _, _ := bareProxy(t, "http://127.0.0.1:1", new(bytes.Buffer))
		p.PassOn(&heir{})
		answer := &deadlined{ResponseRecorder: httptest.NewRecorder()}
		p.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/messages", strings.NewReader(body)))
		if n := len(answer.until); n < 2 || answer.until[0].IsZero() || !answer.until[n-1].IsZero() {
			t.Errorf("with %d bytes to read, the deadlines are %v", len(body), answer.until)
		}
	}
}

// TestWhatIsAskedOfAProcess that has retired it answers itself, and everything
// else is passed on.
func TestWhatIsAskedOfAProcess(t *testing.T) {
	t.Parallel()
	p, _, _ := bareProxy(t, "http://127.0.0.1:1", new(bytes.Buffer))
	next := &heir{}
	p.PassOn(next)
	for path, want := range map[string]int{
		"/healthz": 200, "/readyz": 200, "/api/hello": 200,
		"/v1/models": 202, "/v1/models/claude-opus-5-5": 202, "/api/oauth/usage": 202, "/none": 202,
	} {
		answer := httptest.NewRecorder()
		p.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, strings.NewReader("x")))
		if answer.Code != want {
			t.Errorf("%s is answered with %d", path, answer.Code)
		}
	}
}

// TestWhereWhatIsPassedOnComesFrom: between two processes it is said, and on the
// network nobody is believed who says it.
func TestWhereWhatIsPassedOnComesFrom(t *testing.T) {
	t.Parallel()
	p, _, recorded := bareProxy(t, "http://127.0.0.1:1", new(bytes.Buffer))
	var seen http.Header
	p.Trace = func(header http.Header) tollgate.Trace { seen = header; return tollgate.Trace{} }
	for want, handler := range map[string]http.Handler{"10.9.8.7": p.Inherited(), "192.0.2.1": p} {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/messages", strings.NewReader(askWhole))
		request.Header.Set("Tollgate-Peer", "10.9.8.7:65000")
		*recorded = nil
		handler.ServeHTTP(httptest.NewRecorder(), request)
		if len(*recorded) != 1 || (*recorded)[0].Address != want {
			t.Errorf("%+v does not come from %s", *recorded, want)
		}
		if want == "10.9.8.7" && seen.Get("Tollgate-Peer") != "" {
			t.Error("the header goes further")
		}
	}
}

// TestAnHeirThatDies before it answers: the client is told to ask again, and
// the operator why.
func TestAnHeirThatDies(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	p, _, _ := bareProxy(t, "http://127.0.0.1:1", &log)
	p.PassOn(&heir{fail: errors.New("connection refused")})
	answer := httptest.NewRecorder()
	p.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/messages", strings.NewReader(askWhole)))
	if answer.Code != http.StatusServiceUnavailable || answer.Header().Get("Retry-After") != "1" || answer.Header().Get("Connection") != "close" || !isEnvelope(answer.Body.Bytes(), "api_error") {
		t.Errorf("%d %v %s", answer.Code, answer.Header(), answer.Body)
	}
	if !strings.Contains(log.String(), "connection refused") {
		t.Error(log.String())
	}
}
