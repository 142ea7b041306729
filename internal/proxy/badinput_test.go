package proxy_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"tollgate"
	"tollgate/internal/gatewaytest"
)

// badInput is what a client sends, as it stands on the wire. $KEY is its key,
// $LENGTH the length of what follows the empty line.
type badInput struct {
	name, wire string
	status     int
	kind       string // error type; "": the answer is not ours, as for what is not HTTP
	rows       int
	arrives    bool // at the provider
}

const goodHead = "POST /v1/messages HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\nX-Api-Key: $KEY\r\n"

// with is a good request with another body.
func with(body string) string { return goodHead + "Content-Length: $LENGTH\r\n\r\n" + body }

// lead is a good request behind another request line or other headers.
func lead(head string) string {
	return strings.ReplaceAll(head, "\n", "\r\n") + "\r\nContent-Length: $LENGTH\r\nConnection: close\r\n\r\n" + askWhole
}

const (
	host  = "\nHost: gateway"
	keyed = host + "\nX-Api-Key: $KEY"
)

func TestBadInput_Requests(t *testing.T) {
	t.Parallel()
	stranger := tollgate.NewKeyString(tollgate.NewKeyID())
	flood := func(n int) string {
		var lines strings.Builder
		for i := range n {
			fmt.Fprintf(&lines, "\nX-%d: y", i)
		}
		return lines.String()
	}
	provider := newRawProvider(t, stay("200 OK\r\nConnection: close\r\nContent-Type: application/json", wholeAnswer))
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: provider.URL})
	rows := 0 // so far
	for _, c := range []badInput{
		{"not JSON", with("hello"), 400, "invalid_request_error", 1, false},
		{"an array", with("[]"), 400, "invalid_request_error", 1, false},
		{"half of an object", with(askWhole[:20]), 400, "invalid_request_error", 1, false},
		{"two objects", with(askWhole + askWhole), 400, "invalid_request_error", 1, false},
		{"nothing", with(""), 400, "invalid_request_error", 1, false},
		{"no model", with(`{"messages":[{"model":"claude-opus-5-5"}]}`), 400, "invalid_request_error", 1, false},
		{"model is a number", with(`{"model":7}`), 400, "invalid_request_error", 1, false},
		{"model is null", with(`{"model":null}`), 400, "invalid_request_error", 1, false},
		{"model is empty", with(`{"model":""}`), 400, "invalid_request_error", 1, false},
		{"model is an object", with(`{"model":{"model":"claude-opus-5-5"}}`), 400, "invalid_request_error", 1, false},
		{"a second model in disguise", with(`{"model":"claude-opus-5-5","\u006dodel":"claude-fable-5"}`), 400, "invalid_request_error", 1, false},
		{"compressed", lead("POST /v1/messages HTTP/1.1\nContent-Encoding: gzip" + keyed), 415, "invalid_request_error", 1, false},

		{"no key", lead("POST /v1/messages HTTP/1.1" + host), 401, "authentication_error", 0, false},
		{"a key of somebody else", lead("POST /v1/messages HTTP/1.1" + host + "\nX-Api-Key: sk-ant-api03-x"), 401, "authentication_error", 0, false},
		{"a key that was never issued", lead("POST /v1/messages HTTP/1.1" + host + "\nX-Api-Key: " + stranger), 401, "authentication_error", 0, false},
		{"a key with a wrong check", lead("POST /v1/messages HTTP/1.1" + keyed + "x"), 401, "authentication_error", 0, false},
		{"two different keys", lead("POST /v1/messages HTTP/1.1" + keyed + "\nAuthorization: Bearer " + stranger), 401, "authentication_error", 0, false},
		{"two different keys in two lines", lead("POST /v1/messages HTTP/1.1" + keyed + "\nX-Api-Key: " + stranger), 401, "authentication_error", 0, false},
		{"the key as a basic credential", lead("POST /v1/messages HTTP/1.1" + host + "\nAuthorization: Basic $KEY"), 401, "authentication_error", 0, false},
		{"the key in the query", lead("POST /v1/messages?x-api-key=$KEY HTTP/1.1" + host), 401, "authentication_error", 0, false},
		{"the key under another header's case", lead("POST /v1/messages HTTP/1.1" + host + "\nx-API-kEY: $KEY"), 200, "", 1, true},
		{"the key under another scheme's case", lead("POST /v1/messages HTTP/1.1" + host + "\nAUTHORIZATION: bEARER  $KEY"), 200, "", 1, true},
		{"the key beside a foreign one", lead("POST /v1/messages HTTP/1.1" + keyed + "\nAuthorization: Bearer sk-ant-oat01-x"), 200, "", 1, true},
		{"the key twice", lead("POST /v1/messages HTTP/1.1" + keyed + "\nAuthorization: Bearer $KEY"), 200, "", 1, true},

		{"an unknown route", lead("POST /v1/complete HTTP/1.1" + keyed), 404, "not_found_error", 0, false},
		{"another method", lead("GET /v1/messages HTTP/1.1" + keyed), 404, "not_found_error", 0, false},
		{"a doubled slash", lead("POST //v1/messages HTTP/1.1" + keyed), 404, "not_found_error", 0, false},
		{"a trailing slash", lead("POST /v1/messages/ HTTP/1.1" + keyed), 404, "not_found_error", 0, false},
		{"an encoded slash", lead("POST /v1%2fmessages HTTP/1.1" + keyed), 404, "not_found_error", 0, false},
		{"dots", lead("POST /v1/x/../messages HTTP/1.1" + keyed), 404, "not_found_error", 0, false},
		{"capitals", lead("POST /V1/Messages HTTP/1.1" + keyed), 404, "not_found_error", 0, false},
		{"asterisk", lead("OPTIONS * HTTP/1.1" + keyed), 404, "not_found_error", 0, false},
		{"a tunnel", lead("CONNECT example.invalid:443 HTTP/1.1" + keyed), 404, "not_found_error", 0, false},
		{"an absolute target elsewhere", lead("POST http://example.invalid/v1/messages HTTP/1.1" + keyed), 200, "", 1, true},
		{"an absolute target elsewhere over TLS", lead("POST https://user:password@example.invalid/v1/messages HTTP/1.1" + keyed), 200, "", 1, true},
		{"another host", lead("POST /v1/messages HTTP/1.1\nHost: example.invalid\nX-Forwarded-Host: example.invalid\nForwarded: host=example.invalid\nX-Api-Key: $KEY"), 200, "", 1, true},
		{"a hop that names the credential", lead("POST /v1/messages HTTP/1.1" + keyed + "\nConnection: x-api-key, authorization, host, content-length"), 200, "", 1, true},
		{"a proxy's credential", lead("POST /v1/messages HTTP/1.1" + keyed + "\nProxy-Authorization: Basic $KEY\nCookie: key=$KEY"), 200, "", 1, true},

		{"a huge header", lead("POST /v1/messages HTTP/1.1" + keyed + "\nX-Huge: " + strings.Repeat("x", 400<<10)), 431, "", 0, false},
		{"a flood of headers", lead("POST /v1/messages HTTP/1.1" + keyed + flood(60_000)), 431, "", 0, false},
		{"very many headers", lead("POST /v1/messages HTTP/1.1" + keyed + flood(5_000)), 200, "", 1, true},
		{"no host", lead("POST /v1/messages HTTP/1.1\nX-Api-Key: $KEY"), 400, "", 0, false},
		{"two hosts", lead("POST /v1/messages HTTP/1.1" + keyed + host), 400, "", 0, false},
		{"not HTTP", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, "", 0, false},

		{"two lengths", goodHead + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n123456", 400, "", 0, false},
		{"a length with a sign", goodHead + "Content-Length: +5\r\n\r\n12345", 400, "", 0, false},
		{"a length before its colon", goodHead + "Content-Length : 5\r\n\r\n12345", 400, "", 0, false},
		{"an unknown coding", goodHead + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501, "", 0, false},
		{"two codings", goodHead + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n", 501, "", 0, false},
		{"a coding behind a control character", goodHead + "Transfer-Encoding: \vchunked\r\n\r\n0\r\n\r\n", 400, "", 0, false},
		{"a chunk with a sign", goodHead + "Transfer-Encoding: chunked\r\n\r\n+5\r\n12345\r\n0\r\n\r\n", 400, "invalid_request_error", 1, false},
		{"a chunk longer than it says", goodHead + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}{}\r\n0\r\n\r\n", 400, "invalid_request_error", 1, false},
	} {
		if !t.Run(c.name, func(t *testing.T) {
			c.check(t, provider, gateway, rows)
			serves(t, gateway)
			rows += c.rows + 1
		}) {
			return // the rows of what follows cannot be told
		}
	}
}

func (c badInput) check(t *testing.T, provider *rawProvider, gateway *gatewaytest.Gateway, rows int) {
	t.Helper()
	arrived := len(provider.requests())
	connection := dial(t, gateway)
	_ = writeRaw(t, gateway, connection, c.wire) // what counts is the answer
	response, body := readAnswer(t, connection)
	if response.StatusCode != c.status || c.kind != "" && !isEnvelope(body, c.kind) {
		t.Errorf("%d %s, want %d %s", response.StatusCode, body, c.status, c.kind)
	}
	if c.arrives && string(body) != wholeAnswer {
		t.Errorf("the answer: %s", body)
	}
	if response.Header.Get("Location") != "" {
		t.Error("a redirect")
	}
	if c.kind != "" && c.status < 500 && response.Header.Get("X-Should-Retry") != "false" {
		t.Error("the client would ask again")
	}
	if all := gateway.WaitRows(t, rows+c.rows); c.rows == 1 && (all[rows].Status != c.status || all[rows].Developer != "ann@example.com") {
		t.Errorf("the row: %+v", all[rows])
	}
	if n := len(provider.requests()) - arrived; n != map[bool]int{true: 1}[c.arrives] {
		t.Fatalf("%d requests arrived at the provider", n)
	}
	for _, request := range provider.requests()[arrived:] {
		head := string(request.head)
		if !strings.Contains(head, "\r\nX-Api-Key: "+gatewaytest.ProviderKey) || !strings.Contains(head, "\r\nHost: "+strings.TrimPrefix(provider.URL, "http://")+"\r\n") ||
			strings.Contains(head, "example.invalid") || strings.Contains(head, "tgk_") || strings.Contains(head, "sk-ant-oat") || string(request.body) != askWhole {
			t.Errorf("what arrived at the provider:\n%.2000s", head)
		}
	}
}

// TestBadInput_Smuggling: a request framed twice over is framed by its chunks
// (RFC 9112, 6.3). It leaves with one frame of the gateway's own making, so that
// nothing behind it can be misled.
func TestBadInput_Smuggling(t *testing.T) {
	t.Parallel()
	provider := newRawProvider(t, stay("200 OK\r\nConnection: close\r\nContent-Type: application/json", wholeAnswer))
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: provider.URL})
	connection := dial(t, gateway)
	hidden := "POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{\"hidden\""
	_ = writeRaw(t, gateway, connection, fmt.Sprintf("%sContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n%s", goodHead, len(askWhole), askWhole, hidden))
	if response, body := readAnswer(t, connection); response.StatusCode != http.StatusOK {
		t.Errorf("%d %s", response.StatusCode, body)
	}
	gateway.WaitRows(t, 1)
	for _, request := range provider.requests() {
		head := string(request.head)
		if strings.Count(head, "Content-Length: ") != 1 || !strings.Contains(head, fmt.Sprintf("\r\nContent-Length: %d\r\n", len(askWhole))) ||
			strings.Contains(head, "Transfer-Encoding") || string(request.body) != askWhole {
			t.Errorf("what arrived:\n%s\n\n%s", head, request.body)
		}
	}
	serves(t, gateway)
}

// TestBadInput_TooLarge: whoever sends everything before listening finds the
// refusal, be the size announced or not.
func TestBadInput_TooLarge(t *testing.T) {
	t.Parallel()
	const limit = 1 << 20
	provider := newRawProvider(t, stay("200 OK\r\nConnection: close\r\nContent-Type: application/json", wholeAnswer))
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: provider.URL, Config: "limits: {max_request_bytes: 1MiB}"})
	rows, served := 0, 0 // so far
	large := `{"model":"claude-opus-5-5","pad":"` + strings.Repeat("x", 2*limit-1000) + `"}`
	for name, c := range map[string]struct {
		wire   string
		status int
		kind   string
		rows   int
	}{
		"announced":       {with(large), 413, "request_too_large", 1},
		"in chunks":       {fmt.Sprintf("%sTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", goodHead, len(large), large), 413, "request_too_large", 1},
		"by a stranger":   {strings.Replace(with(large), "$KEY", "nobody", 1), 401, "authentication_error", 0},
		"for no route":    {strings.Replace(with(large), "/v1/messages", "/v1/nothing", 1), 404, "not_found_error", 0},
		"compressed":      {strings.Replace(with(large), "\r\n", "\r\nContent-Encoding: br\r\n", 1), 415, "invalid_request_error", 1},
		"asked for first": {goodHead + "Content-Length: 1000000000000\r\nExpect: 100-continue\r\n\r\n", 413, "request_too_large", 1},
	} {
		if !t.Run(name, func(t *testing.T) {
			connection := dial(t, gateway)
			if err := writeRaw(t, gateway, connection, c.wire); err != nil {
				t.Errorf("the gateway did not let the client finish: %v", err)
			}
			if response, body := readAnswer(t, connection); response.StatusCode != c.status || !isEnvelope(body, c.kind) {
				t.Errorf("%d %s", response.StatusCode, body)
			}
			gateway.WaitRows(t, rows+c.rows)
			if len(provider.requests()) > served {
				t.Error("it arrived at the provider")
			}
			serves(t, gateway)
			rows, served = rows+c.rows+1, served+1
		}) {
			return // as above
		}
	}
}

// TestBadInput_NeverWhole: what is not sent to its end ends, for friend and
// stranger, and with an answer where there is somebody to hear it.
func TestBadInput_NeverWhole(t *testing.T) {
	t.Parallel()
	const body = "Content-Length: 100\r\n\r\n{\"model\":"
	for name, c := range map[string]struct {
		wire   string
		end    bool // the client says that nothing more will come
		status int  // 0: no answer
		kind   string
		rows   int
	}{
		"slow headers":              {wire: goodHead},
		"a slow request line":       {wire: "POST /v1/mess"},
		"a slow body":               {goodHead + body, false, 408, "timeout_error", 1},
		"a slow chunk":              {goodHead + "Transfer-Encoding: chunked\r\n\r\n5\r\n{", false, 408, "timeout_error", 1},
		"a stranger's slow body":    {strings.Replace(goodHead, "$KEY", "nobody", 1) + body, false, 401, "authentication_error", 0},
		"a slow body for no route":  {strings.Replace(goodHead, "/v1/messages", "/nothing", 1) + body, false, 404, "not_found_error", 0},
		"a slow body for models":    {strings.Replace(goodHead, "POST /v1/messages", "GET /v1/models", 1) + body, false, 200, "", 0},
		"a slow body, compressed":   {strings.Replace(goodHead, "\r\n", "\r\nContent-Encoding: gzip\r\n", 1) + body, false, 415, "invalid_request_error", 1},
		"half a body":               {goodHead + body, true, 400, "invalid_request_error", 1},
		"half a chunk":              {goodHead + "Transfer-Encoding: chunked\r\n\r\n5\r\n{", true, 400, "invalid_request_error", 1},
		"no end of chunks":          {goodHead + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", true, 400, "invalid_request_error", 1},
		"half the headers":          {wire: goodHead, end: true},
		"nothing but a connection":  {end: true},
		"silence on the connection": {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			provider := newRawProvider(t, stay("200 OK\r\nConnection: close\r\nContent-Type: application/json", wholeAnswer))
			gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: provider.URL, Config: map[bool]string{false: "limits: {read_request: 250ms}"}[c.end]})
			connection := dial(t, gateway)
			_ = writeRaw(t, gateway, connection, c.wire) // what counts is the answer
			if c.end {
				_ = connection.(*net.TCPConn).CloseWrite()
			}
			if c.status == 0 {
				if _, err := io.ReadAll(connection); err != nil {
					t.Errorf("the connection is not closed: %v", err)
				}
			} else if response, body := readAnswer(t, connection); response.StatusCode != c.status || c.kind != "" && !isEnvelope(body, c.kind) {
				t.Errorf("%d %s", response.StatusCode, body)
			}
			gateway.WaitRows(t, c.rows)
			if len(provider.requests()) > 0 {
				t.Error("it arrived at the provider")
			}
			serves(t, gateway)
		})
	}
}

// dial opens a connection that a test cannot hang on.
func dial(t *testing.T, gateway *gatewaytest.Gateway) net.Conn {
	t.Helper()
	connection, err := net.Dial("tcp", strings.TrimPrefix(gateway.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	if err := connection.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return connection
}

// writeRaw sends text, all of it, before anything is read. It fails when the
// gateway has closed the connection by then, as it may if the text is not HTTP.
func writeRaw(t *testing.T, gateway *gatewaytest.Gateway, connection net.Conn, text string) error {
	t.Helper()
	_, body, _ := strings.Cut(text, "\r\n\r\n")
	text = strings.NewReplacer("$KEY", gateway.Key, "$LENGTH", fmt.Sprint(len(body))).Replace(text)
	_, err := io.Copy(connection, strings.NewReader(text))
	return err
}

func readAnswer(t *testing.T, connection net.Conn) (*http.Response, []byte) {
	t.Helper()
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		t.Fatalf("no answer: %v", err)
	}
	defer response.Body.Close()
	var body bytes.Buffer
	if _, err := body.ReadFrom(response.Body); err != nil {
		t.Logf("half an answer: %v", err) // what is missing is missed by whoever compares it
	}
	return response, body.Bytes()
}

// serves asks until a good request is answered: one that comes too slowly on a
// busy machine may be turned away where the time is short.
func serves(t *testing.T, gateway *gatewaytest.Gateway) {
	t.Helper()
	var last string
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		response, err := http.DefaultClient.Do(gateway.Request(t, "/v1/messages", askWhole))
		if err != nil {
			last = err.Error()
			continue
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err == nil && response.StatusCode == http.StatusOK && string(body) == wholeAnswer {
			return
		}
		last = fmt.Sprint(response.StatusCode, string(body), err)
	}
	t.Fatalf("the gateway no longer serves: %s", last)
}
