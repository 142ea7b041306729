package proxy_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tollgate"
	"tollgate/client"
	"tollgate/internal/gatewaytest"
)

// Pieces of an answer in a stream: ten tokens in, "123456789" out, which is
// three by estimate, and two in the provider's own final words.
const (
	eventStart  = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"model\":\"claude-opus-5-5\",\"usage\":{\"input_tokens\":10,\"output_tokens\":0}}}\n\n"
	eventText   = "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"123456789\"}}\n\n"
	eventFinal  = "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":2}}\n\n"
	eventEnd    = "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"
	wholeAnswer = `{"type":"message","model":"claude-opus-5-5","content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn","usage":{"input_tokens":10,"output_tokens":2}}`

	streamHead = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
	jsonHead   = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/json\r\n"

	askStream = `{"model":"claude-opus-5-5","stream":true,"messages":[]}`
	askWhole  = `{"model":"claude-opus-5-5","messages":[]}`
)

// The prices of claude-opus-5-5 for these tokens, in nano-dollars a token.
const (
	inputPrice  = 4000
	outputPrice = 20000
)

// inputOf is what a prompt is taken for that no provider has counted.
func inputOf(body string) int64 { return int64(len(body)+3) / 4 }

// reset breaks a connection in the rudest way there is.
func reset(connection net.Conn) { _ = connection.(*net.TCPConn).SetLinger(0) }

// TestPromise2_HoweverTheProviderFails holds that every way in which a
// provider can fail ends as exactly one row that says how much of it is known.
func TestPromise2_HoweverTheProviderFails(t *testing.T) {
	t.Parallel()
	var zipped bytes.Buffer
	zip := gzip.NewWriter(&zipped)
	_, _ = io.WriteString(zip, wholeAnswer)
	_ = zip.Close()
	var current atomic.Value // of func(net.Conn)
	provider := newRawProvider(t, func(_ *http.Request, connection net.Conn) { current.Load().(func(net.Conn))(connection) })
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: provider.URL})
	for i, c := range []struct {
		name, ask string
		answer    func(net.Conn)
		row       tollgate.Exchange // Status, Error, Estimated and Usage are compared
		seen      string            // what the client's answer ends with; "" with cut: anything
		cut       bool              // the client sees that the answer is not whole
	}{
		{
			name: "reset before the headers", ask: askWhole, answer: reset,
			row: row(529, "overloaded_error", true, inputOf(askWhole), 0), seen: "}",
		},
		{
			name: "reset within the headers", ask: askStream,
			answer: func(c net.Conn) { fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Type: text/ev"); reset(c) },
			row:    row(529, "overloaded_error", true, inputOf(askStream), 0), seen: "}",
		},
		{
			name: "no HTTP at all", ask: askWhole,
			answer: func(c net.Conn) { fmt.Fprint(c, "220 mail.example.com ESMTP\r\n") },
			row:    row(529, "overloaded_error", true, inputOf(askWhole), 0), seen: "}",
		},
		{
			name: "a status that is none", ask: askWhole,
			answer: func(c net.Conn) { fmt.Fprint(c, "HTTP/1.1 099 Huh\r\nContent-Length: 2\r\n\r\n{}") },
			row:    row(529, "overloaded_error", true, inputOf(askWhole), 0), seen: "}",
		},
		{
			name: "another protocol", ask: askWhole,
			answer: func(c net.Conn) {
				fmt.Fprint(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: foo\r\n\r\n")
			},
			row: row(529, "overloaded_error", true, inputOf(askWhole), 0), seen: "}",
		},
		{
			name: "reset in a stream", ask: askStream, cut: true,
			answer: func(c net.Conn) { fmt.Fprint(c, streamHead); chunk(c, eventStart); chunk(c, eventText); halfClose(c) },
			row:    row(200, "upstream_cut", true, 10, 3),
		},
		{
			name: "a stream that ends too early", ask: askStream,
			answer: func(c net.Conn) {
				fmt.Fprint(c, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/event-stream\r\n\r\n"+eventStart+eventText)
			},
			row: row(200, "usage_missing", true, 10, 3), seen: eventStart + eventText,
		},
		{
			name: "a stream that lacks only its last event", ask: askStream,
			answer: func(c net.Conn) {
				fmt.Fprint(c, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/event-stream\r\n\r\n"+eventStart+eventText+eventFinal)
			},
			row: row(200, "", false, 10, 2), seen: eventFinal,
		},
		{
			name: "an error in a stream", ask: askStream,
			answer: func(c net.Conn) {
				fmt.Fprint(c, streamHead)
				chunk(c, eventStart)
				chunk(c, "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"private words\"}}\n\n")
				fmt.Fprint(c, "0\r\n\r\n")
			},
			row: row(200, "overloaded_error", true, 10, 0), seen: "private words\"}}\n\n",
		},
		{
			name: "an answer that breaks off", ask: askWhole, cut: true,
			answer: func(c net.Conn) {
				fmt.Fprintf(c, "%sContent-Length: %d\r\n\r\n%s", jsonHead, len(wholeAnswer), wholeAnswer[:40])
			},
			row: row(200, "upstream_cut", true, inputOf(askWhole), 10),
		},
		{
			name: "garbage", ask: askWhole,
			answer: func(c net.Conn) { fmt.Fprint(c, jsonHead+"Content-Length: 5\r\n\r\n\x00\x01{\"}") },
			row:    row(200, "usage_missing", true, inputOf(askWhole), 0), seen: "\x00\x01{\"}",
		},
		{
			name: "compressed", ask: askWhole,
			answer: func(c net.Conn) {
				fmt.Fprintf(c, "%sContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", jsonHead, zipped.Len(), zipped.Bytes())
			},
			row: row(200, "usage_missing", true, inputOf(askWhole), 0), seen: zipped.String(),
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			current.Store(c.answer)
			transport := &http.Transport{DisableCompression: true}
			defer transport.CloseIdleConnections()
			response, err := transport.RoundTrip(gateway.Request(t, "/v1/messages", c.ask))
			if err == nil {
				var text []byte
				text, err = io.ReadAll(response.Body)
				response.Body.Close()
				if !c.cut && (err != nil || !strings.HasSuffix(string(text), c.seen)) {
					t.Errorf("the client got %q, %v", text, err)
				}
				if response.StatusCode == 529 && !isEnvelope(text, "overloaded_error") {
					t.Errorf("not in the envelope: %s", text)
				}
			}
			if (err != nil) != c.cut {
				t.Errorf("the client's end: %v; should it see a cut: %v", err, c.cut)
			}
			compareRow(t, gateway.WaitRows(t, i+1)[i], c.row)
		})
	}
}

// TestPromise2_Silence: a provider that had the request and says nothing may
// be working on it.
func TestPromise2_Silence(t *testing.T) {
	t.Parallel()
	provider := newRawProvider(t, func(_ *http.Request, connection net.Conn) { waitForEnd(connection) })
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: provider.URL, Config: "limits: {first_byte: 250ms}"})
	for i, ask := range []string{askWhole, askStream} {
		status, answer := gateway.Ask(t, ask)
		if status != 529 || !isEnvelope([]byte(answer), "overloaded_error") {
			t.Errorf("%d %s", status, answer)
		}
		compareRow(t, gateway.WaitRows(t, i+1)[i], row(529, "overloaded_error", true, inputOf(ask), 0))
	}
	if n := len(provider.requests()); n != 2 {
		t.Errorf("%d requests arrived", n)
	}
}

// waitForEnd says nothing until the other side ends the connection.
func waitForEnd(connection net.Conn) { _, _ = connection.Read(make([]byte, 1)) }

// halfClose ends what is sent in the middle; what was sent arrives.
func halfClose(connection net.Conn) {
	_ = connection.(*net.TCPConn).CloseWrite()
	waitForEnd(connection)
}

// row is what TestPromise2 compares of an exchange.
func row(status int, fault string, estimated bool, input, output int64) tollgate.Exchange {
	return tollgate.Exchange{
		Status: status, Error: fault, Estimated: estimated, Cost: tollgate.Money(input*inputPrice + output*outputPrice),
		Usage: tollgate.Usage{Tokens: tollgate.Tokens{Input: input, Output: output}},
	}
}

func compareRow(t *testing.T, got *tollgate.Exchange, want tollgate.Exchange) {
	t.Helper()
	if got.Status != want.Status || got.Error != want.Error || got.Estimated != want.Estimated || got.Usage.Tokens != want.Usage.Tokens || got.Cost != want.Cost {
		t.Errorf("the row: status %d, error %q, estimated %v, %+v, cost %d\nwant: status %d, error %q, estimated %v, %+v, cost %d",
			got.Status, got.Error, got.Estimated, got.Usage.Tokens, got.Cost, want.Status, want.Error, want.Estimated, want.Usage.Tokens, want.Cost)
	}
}

func TestPromise2_NobodyListens(t *testing.T) {
	t.Parallel()
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: "http://" + unusedAddress(t)})
	status, answer := gateway.Ask(t, askWhole)
	if status != 529 || !isEnvelope([]byte(answer), "overloaded_error") {
		t.Errorf("%d %s", status, answer)
	}
	compareRow(t, gateway.WaitRows(t, 1)[0], row(529, "overloaded_error", false, 0, 0))
}

// unusedAddress is one where nobody listens.
func unusedAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

func TestPromise2_TheSecondUpstreamServes(t *testing.T) {
	t.Parallel()
	provider := newRawProvider(t, stay("200 OK\r\nContent-Type: application/json", wholeAnswer))
	gateway := gatewaytest.Start(t, gatewaytest.Options{Config: fmt.Sprintf(`upstreams:
  - {name: first, provider: anthropic, base_url: "http://%s", api_key: %s}
  - {name: second, provider: anthropic, base_url: %q, api_key: %s}
`, unusedAddress(t), gatewaytest.ProviderKey, provider.URL, gatewaytest.ProviderKey)})
	if status, answer := gateway.Ask(t, askWhole); status != http.StatusOK || answer != wholeAnswer {
		t.Errorf("%d %s", status, answer)
	}
	served := gateway.WaitRows(t, 1)[0]
	compareRow(t, served, row(200, "", false, 10, 2))
	if served.Upstream != "second" {
		t.Errorf("the row names %q", served.Upstream)
	}
}

// TestPromise2_HangUpInTheStream: the provider's connection is closed, so that
// it stops and charges no more; input exact, output by what was seen.
func TestPromise2_HangUpInTheStream(t *testing.T) {
	t.Parallel()
	cancelled := make(chan struct{})
	provider := newRawProvider(t, func(_ *http.Request, connection net.Conn) {
		fmt.Fprint(connection, streamHead)
		chunk(connection, eventStart+eventText)
		waitForEnd(connection)
		close(cancelled)
	})
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: provider.URL})
	ctx, hangUp := context.WithCancel(t.Context())
	response, err := http.DefaultClient.Do(gateway.Request(t, "/v1/messages", askStream).WithContext(ctx))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := io.ReadFull(response.Body, make([]byte, len(eventStart+eventText))); err != nil {
		t.Fatal(err)
	}
	hangUp()
	await(t, cancelled, "the provider's connection to be closed")
	compareRow(t, gateway.WaitRows(t, 1)[0], row(200, "client_hung_up", true, 10, 3))
}

// TestPromise2_HangUpBeforeTheAnswer: nothing is known but the request.
func TestPromise2_HangUpBeforeTheAnswer(t *testing.T) {
	t.Parallel()
	arrived, cancelled := make(chan struct{}), make(chan struct{})
	provider := newRawProvider(t, func(_ *http.Request, connection net.Conn) {
		close(arrived)
		waitForEnd(connection)
		close(cancelled)
	})
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: provider.URL})
	hangUpAfter(t, gateway.Request(t, "/v1/messages", askStream), arrived)
	await(t, cancelled, "the provider's connection to be closed")
	compareRow(t, gateway.WaitRows(t, 1)[0], row(499, "client_hung_up", true, inputOf(askStream), 0))
}

// TestPromise2_HangUpOnAWholeAnswer: the provider charges for it in any case,
// so it is read to its end and the row has the provider's own figures.
func TestPromise2_HangUpOnAWholeAnswer(t *testing.T) {
	t.Parallel()
	arrived, gone := make(chan struct{}), make(chan struct{})
	provider := newRawProvider(t, func(_ *http.Request, connection net.Conn) {
		close(arrived)
		<-gone
		fmt.Fprintf(connection, "%sContent-Length: %d\r\n\r\n%s", jsonHead, len(wholeAnswer), wholeAnswer)
	})
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: provider.URL})
	hangUpAfter(t, gateway.Request(t, "/v1/messages", askWhole), arrived)
	close(gone)
	got := *gateway.WaitRows(t, 1)[0]
	want := row(got.Status, got.Error, false, 10, 2) // whether the hang-up was noticed in time is nobody's promise
	compareRow(t, &got, want)
}

// hangUpAfter sends a request and gives it up once something has happened.
func hangUpAfter(t *testing.T, request *http.Request, happened <-chan struct{}) {
	t.Helper()
	ctx, hangUp := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if response, err := http.DefaultClient.Do(request.WithContext(ctx)); err == nil {
			response.Body.Close()
		}
	}()
	await(t, happened, "the request to arrive")
	hangUp()
	await(t, done, "the client to hang up")
}

func await(t *testing.T, done <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatal("waited in vain for " + what)
	}
}

// TestPromise2_AHundredAtOnce sends every kind of request at the same time:
// each has exactly one row, ids are unique, and the report is the sum.
func TestPromise2_AHundredAtOnce(t *testing.T) {
	t.Parallel()
	provider := newRawProvider(t, func(request *http.Request, connection net.Conn) {
		mixed[request.Header.Get("X-Kind")].answer(connection)
	})
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: provider.URL})
	const each = 14
	var group sync.WaitGroup
	for kind, what := range mixed {
		for range each {
			group.Go(func() { askMixed(t, gateway, kind, what.ask, what.hangUp) })
		}
	}
	group.Wait()
	rows := gateway.WaitRows(t, each*len(mixed))

	ids, kinds := map[string]bool{}, map[string]int{}
	var sum tollgate.Tokens
	var cost tollgate.Money
	for _, x := range rows {
		ids[x.ID] = true
		kinds[x.Session]++
		sum, cost = sum.Add(x.Usage.Tokens), cost+x.Cost
		compareRow(t, x, mixed[x.Session].row)
	}
	if len(ids) != len(rows) || len(kinds) != len(mixed) {
		t.Errorf("%d rows have %d ids; by kind: %v", len(rows), len(ids), kinds)
	}
	report, err := gateway.Admin.Usage(t.Context(), client.UsageQuery{By: []string{"session"}})
	if err != nil {
		t.Fatal(err)
	}
	total := report.Total
	if total.Requests != int64(len(rows)) || total.InputTokens != sum.Input || total.OutputTokens != sum.Output || total.CostNanoUSD != int64(cost) || len(report.Rows) != len(mixed) {
		t.Errorf("the report: %+v; the rows: %+v, cost %d", total, sum, cost)
	}
}

// mixed are kinds of requests with what must become of them.
var mixed = map[string]struct {
	ask    string
	hangUp bool
	answer func(net.Conn)
	row    tollgate.Exchange
}{
	"stream": {askStream, false, func(c net.Conn) {
		fmt.Fprint(c, streamHead)
		for _, event := range []string{eventStart, eventText, eventFinal, eventEnd} {
			chunk(c, event)
		}
		fmt.Fprint(c, "0\r\n\r\n")
	}, row(200, "", false, 10, 2)},
	"whole": {askWhole, false, func(c net.Conn) {
		fmt.Fprintf(c, "%sContent-Length: %d\r\n\r\n%s", jsonHead, len(wholeAnswer), wholeAnswer)
	}, row(200, "", false, 10, 2)},
	"hang-up": {askStream, true, func(c net.Conn) {
		fmt.Fprint(c, streamHead)
		chunk(c, eventStart+eventText)
		waitForEnd(c)
	}, row(200, "client_hung_up", true, 10, 3)},
	"cut": {askStream, false, func(c net.Conn) {
		fmt.Fprint(c, streamHead)
		chunk(c, eventStart)
		halfClose(c)
	}, row(200, "upstream_cut", true, 10, 0)},
	"reset": {askStream, false, reset, row(529, "overloaded_error", true, inputOf(askStream), 0)},
	"limit": {askWhole, false, func(c net.Conn) {
		fmt.Fprint(c, "HTTP/1.1 429 Too Many Requests\r\nConnection: close\r\nContent-Length: 56\r\n\r\n"+`{"type":"error","error":{"type":"what I was sent: sk-"}}`)
	}, row(429, "upstream_error", false, 0, 0)},
	"nonsense": {`{"model":7}`, false, nil, row(400, "invalid_request_error", false, 0, 0)},
	"unrouted": {`{"model":"gpt"}`, false, nil, row(404, "not_found_error", false, 0, 0)},
}

func askMixed(t *testing.T, gateway *gatewaytest.Gateway, kind, ask string, hangUp bool) {
	request := gateway.Request(t, "/v1/messages", ask)
	request.Header.Set("X-Kind", kind)
	request.Header.Set("X-Claude-Code-Session-Id", kind)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Errorf("%s: %v", kind, err)
		return
	}
	defer response.Body.Close()
	if hangUp {
		_, err = io.ReadFull(response.Body, make([]byte, len(eventStart+eventText)))
	} else {
		_, err = io.ReadAll(response.Body)
	}
	if (err != nil) != (kind == "cut") {
		t.Errorf("%s: %v", kind, err)
	}
}
