package proxy_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"tollgate/internal/eventstream"
	"tollgate/internal/gatewaytest"
)

// clouds are upstreams of every kind, aimed at one address.
var clouds = map[string]string{
	"anthropic":      "{name: first, provider: anthropic, base_url: %q, api_key: k, first_byte: 300ms}",
	"bedrock":        "{name: first, provider: bedrock, region: eu-central-1, base_url: %q, bearer: k, first_byte: 300ms}",
	"bedrock-mantle": "{name: first, provider: bedrock-mantle, region: eu-central-1, base_url: %q, bearer: k, first_byte: 300ms}",
	"vertex":         "{name: first, provider: vertex, project: p, region: global, base_url: %q, bearer: k, first_byte: 300ms}",
	"foundry":        "{name: first, provider: foundry, resource: r, base_url: %q, api_key: k, first_byte: 300ms}",
	"anthropic-aws":  "{name: first, provider: anthropic-aws, region: us-east-1, workspace: wrkspc_1, base_url: %q, api_key: k, first_byte: 300ms}",
}

// startWithTwo starts a gateway with an upstream of a kind and behind it the
// Anthropic API.
func startWithTwo(t *testing.T, kind, first, second string) *gatewaytest.Gateway {
	t.Helper()
	return gatewaytest.Start(t, gatewaytest.Options{Config: "upstreams:\n  - " + fmt.Sprintf(clouds[kind], first) +
		fmt.Sprintf("\n  - {name: second, provider: anthropic, base_url: %q, api_key: k}\n", second)})
}

// TestPromise2_FaultsBeforeTheFirstByte: whatever an upstream of whichever kind
// does before its answer begins, a request moves on if another upstream may do
// better, once, and ends as it would have ended there; what it is itself to
// blame for, its client hears at once.
func TestPromise2_FaultsBeforeTheFirstByte(t *testing.T) {
	t.Parallel()
	faults := map[string]func(*http.Request, net.Conn){
		"cut":   func(*http.Request, net.Conn) {},
		"reset": func(_ *http.Request, c net.Conn) { reset(c) },
		"stall": func(_ *http.Request, c net.Conn) { waitForEnd(c) },
	}
	for _, status := range []int{400, 401, 402, 403, 404, 408, 409, 413, 422, 424, 429, 500, 501, 502, 503, 504, 529} {
		faults[fmt.Sprint(status)] = stay(fmt.Sprintf("%d No\r\nConnection: close\r\nContent-Type: application/json", status), `{"type":"error","error":{"type":"some_error","message":"no"},"message":"no"}`)
	}
	faults["an error event"] = func(_ *http.Request, c net.Conn) {
		fmt.Fprint(c, streamHead)
		chunk(c, "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n")
		fmt.Fprint(c, "0\r\n\r\n")
	}
	final := map[string]int{"400": 400, "409": 409, "413": 413, "422": 422}
	for kind := range clouds {
		for name, fault := range faults {
			t.Run(kind+"/"+name, func(t *testing.T) {
				t.Parallel()
				if kind == "bedrock" && name == "an error event" {
					fault = stay("200 OK\r\nConnection: close\r\nContent-Type: application/vnd.amazon.eventstream", exceptionFrame)
				}
				first := newRawProvider(t, fault)
				second := newRawProvider(t, stay("200 OK\r\nConnection: close\r\nContent-Type: application/json", wholeAnswer))
				gateway := startWithTwo(t, kind, first.URL, second.URL)
				want := http.StatusOK
				if final[name] != 0 {
					want = final[name]
				}
				status, answer := gateway.Ask(t, askStream)
				if status != want || want == http.StatusOK && answer != wholeAnswer {
					t.Errorf("%d %s, want %d", status, answer, want)
				}
				x := gateway.WaitRows(t, 1)[0]
				moved := len(second.requests())
				if tries := len(first.requests()); tries != 1 || moved != map[bool]int{true: 1}[want == http.StatusOK] {
					t.Errorf("%d and %d requests arrived", tries, moved)
				}
				if at := map[bool]string{true: "second", false: "first"}[want == http.StatusOK]; x.Upstream != at || x.Status != want {
					t.Errorf("the row: %+v", x)
				}
			})
		}
	}
}

// TestPromise2_NothingMovesOnAfterTheFirstByte: an answer that breaks off is
// told as one that breaks off, and nobody else is asked.
func TestPromise2_NothingMovesOnAfterTheFirstByte(t *testing.T) {
	t.Parallel()
	for kind := range clouds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			first := newRawProvider(t, func(_ *http.Request, connection net.Conn) {
				begin, head := eventStart, streamHead
				if kind == "bedrock" {
					begin, head = framed(eventStart), strings.Replace(streamHead, "text/event-stream", "application/vnd.amazon.eventstream", 1)
				}
				fmt.Fprint(connection, head)
				chunk(connection, begin)
			})
			second := newRawProvider(t, stay("200 OK\r\nConnection: close\r\nContent-Type: application/json", wholeAnswer))
			gateway := startWithTwo(t, kind, first.URL, second.URL)
			response, err := http.DefaultTransport.RoundTrip(gateway.Request(t, "/v1/messages", askStream))
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			body, err := io.ReadAll(response.Body)
			if err == nil || string(body) != eventStart {
				t.Errorf("%q, error %v", body, err)
			}
			if x := gateway.WaitRows(t, 1)[0]; x.Error != "upstream_cut" || x.Upstream != "first" || !x.Estimated || len(second.requests()) != 0 {
				t.Errorf("%d requests arrived at the second; the row: %+v", len(second.requests()), x)
			}
		})
	}
}

// TestAllHaveFailed: the client gets the answer that says most, once, and from
// a provider.
func TestAllHaveFailed(t *testing.T) {
	t.Parallel()
	says := func(status int, kind string) string {
		return fmt.Sprintf(`{"type":"error","error":{"type":%q,"message":"of %d"}}`, kind, status)
	}
	for _, c := range []struct{ first, second, want int }{
		{429, 500, 429}, {500, 429, 429}, {529, 503, 529}, {403, 500, 500}, {401, 404, 404}, {503, 403, 503}, {500, 502, 500}, {401, 401, 401},
	} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			t.Parallel()
			answering := func(status int) *rawProvider {
				return newRawProvider(t, stay(fmt.Sprintf("%d No\r\nConnection: close\r\nRetry-After: 7\r\nContent-Type: application/json", status), says(status, "some_error")))
			}
			first, second := answering(c.first), answering(c.second)
			gateway := startWithTwo(t, "anthropic", first.URL, second.URL)
			status, answer := gateway.Ask(t, askWhole)
			if status != c.want || answer != says(c.want, "some_error") {
				t.Errorf("%d %s", status, answer)
			}
			at := "first"
			if c.want != c.first {
				at = "second"
			}
			if x := gateway.WaitRows(t, 1)[0]; x.Status != c.want || x.Upstream != at || x.Cost != 0 || x.Error != "some_error" {
				t.Errorf("the row: %+v", x)
			}
		})
	}
}

// framed is an event as Bedrock sends it.
func framed(event string) string {
	_, data, _ := strings.Cut(event, "data: ")
	payload := fmt.Appendf(nil, `{"bytes":%q,"p":"abcd"}`, base64.StdEncoding.EncodeToString([]byte(strings.TrimSpace(data))))
	return string(eventstream.Append(nil, []eventstream.Header{
		{Name: ":event-type", Value: "chunk"}, {Name: ":content-type", Value: "application/json"}, {Name: ":message-type", Value: "event"},
	}, payload))
}

// exceptionFrame is how Bedrock fails after it has said 200.
var exceptionFrame = string(eventstream.Append(nil, []eventstream.Header{
	{Name: ":exception-type", Value: "throttlingException"}, {Name: ":content-type", Value: "application/json"}, {Name: ":message-type", Value: "exception"},
}, []byte(`{"message":"Too many requests"}`)))

// TestTheGatewaysOwnCredentialIsRefused: the client is told not to try what it
// can do nothing about, in a header; the body is the provider's.
func TestTheGatewaysOwnCredentialIsRefused(t *testing.T) {
	t.Parallel()
	said := `{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}`
	provider := newRawProvider(t, stay("401 No\r\nConnection: close\r\nContent-Type: application/json", said))
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: provider.URL})
	response, err := http.DefaultTransport.RoundTrip(gateway.Request(t, "/v1/messages", askWhole))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, err := io.ReadAll(response.Body); err != nil || string(body) != said || response.Header.Get("X-Should-Retry") != "false" {
		t.Errorf("%d %v %s %v", response.StatusCode, response.Header, body, err)
	}
}
