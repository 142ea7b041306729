package proxy_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"tollgate/internal/route"
)

// TestAnErrorThatDoesNotEnd holds nobody up: the request moves on as if it had
// ended, and what there is nowhere to go with is told.
func TestAnErrorThatDoesNotEnd(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]int{503: http.StatusOK, 400: http.StatusBadRequest} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			first := newRawProvider(t, func(_ *http.Request, connection net.Conn) {
				fmt.Fprintf(connection, "HTTP/1.1 %d No\r\nContent-Length: 100\r\nContent-Type: application/json\r\n\r\n{", status)
				waitForEnd(connection)
			})
			second := newRawProvider(t, stay("200 OK\r\nConnection: close\r\nContent-Type: application/json", wholeAnswer))
			gateway := startWithTwo(t, "vertex", first.URL, second.URL)
			if got, answer := gateway.Ask(t, askStream); got != want {
				t.Errorf("%d %s", got, answer)
			}
			if x := gateway.WaitRows(t, 1)[0]; x.Status != want {
				t.Errorf("the row: %+v", x)
			}
		})
	}
}

// TestAStreamOfOtherLineEnds is passed on from its first event, and heard if
// that is an error.
func TestAStreamOfOtherLineEnds(t *testing.T) {
	t.Parallel()
	begin := "event: message_start\r\ndata: {\"type\":\"message_start\"}\r\n\r\n"
	first := newRawProvider(t, func(_ *http.Request, connection net.Conn) {
		fmt.Fprint(connection, streamHead)
		chunk(connection, begin)
		waitForEnd(connection)
	})
	second := newRawProvider(t, func(_ *http.Request, connection net.Conn) {
		fmt.Fprint(connection, streamHead)
		chunk(connection, "event: error\r\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"}}\r\n\r\n")
		waitForEnd(connection)
	})
	for _, url := range []string{first.URL, second.URL} {
		gateway := startWithTwo(t, "anthropic", url, first.URL)
		response, err := http.DefaultTransport.RoundTrip(gateway.Request(t, "/v1/messages", askStream))
		if err != nil {
			t.Fatal(err)
		}
		got := make([]byte, len(begin))
		if _, err := io.ReadFull(response.Body, got); string(got) != begin || err != nil {
			t.Errorf("%q, error %v", got, err)
		}
		response.Body.Close()
	}
}

// TestNobodyIsAskedForAClientThatIsGone: a whole answer is read on without its
// client, but none is begun.
func TestNobodyIsAskedForAClientThatIsGone(t *testing.T) {
	t.Parallel()
	client, hangUp := context.WithCancel(t.Context())
	first := newRawProvider(t, func(r *http.Request, connection net.Conn) {
		hangUp()
		stay("503 No\r\nConnection: close\r\nContent-Type: application/json", "{}")(r, connection)
	})
	second := newRawProvider(t, stay("200 OK\r\nConnection: close\r\nContent-Type: application/json", wholeAnswer))
	handler, snapshot, recorded := bareProxy(t, first.URL, new(bytes.Buffer))
	_, other, _ := bareProxy(t, second.URL, new(bytes.Buffer))
	snapshot.Upstreams["second"] = other.Upstreams["provider"]
	snapshot.Router = route.New(route.Config{}, []string{"provider", "second"}, nil, nil)
	request := httptest.NewRequest(http.MethodPost, "/v1/messages", strings.NewReader(askWhole))
	func() {
		defer func() { _ = recover() }() // how a cut ends
		handler.ServeHTTP(httptest.NewRecorder(), request.WithContext(client))
	}()
	if x := (*recorded)[0]; len(second.requests()) != 0 || x.Upstream != "provider" || x.Error != "client_hung_up" || x.Cost != 0 {
		t.Errorf("%d requests arrived at the second; the row: %+v", len(second.requests()), x)
	}
}

// TestWhatAProxyBeforeACloudHasPacked is told as packed: nobody asked for it,
// and the client can unpack it.
func TestWhatAProxyBeforeACloudHasPacked(t *testing.T) {
	t.Parallel()
	first := newRawProvider(t, stay("200 OK\r\nConnection: close\r\nContent-Encoding: gzip\r\nContent-Type: application/json", "packed"))
	gateway := startWithTwo(t, "vertex", first.URL, first.URL)
	response, err := http.DefaultTransport.RoundTrip(gateway.Request(t, "/v1/messages", askWhole))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if coding := response.Header.Get("Content-Encoding"); coding != "gzip" && !response.Uncompressed {
		t.Errorf("it is told as %q", coding)
	}
	broken := newRawProvider(t, stay("400 No\r\nConnection: close\r\nContent-Encoding: gzip\r\nContent-Type: application/json", "packed"))
	gateway = startWithTwo(t, "vertex", broken.URL, broken.URL)
	if status, answer := gateway.Ask(t, askWhole); status != http.StatusBadRequest || !isEnvelope([]byte(answer), "invalid_request_error") {
		t.Errorf("%d %s", status, answer)
	}
}

// TestAStreamThatIsSilentAtFirst: where another upstream could be asked
// an early error is waited for, but not for ever: the client gets the headers and
// then whatever comes.
func TestAStreamThatIsSilentAtFirst(t *testing.T) {
	t.Parallel()
	heard := make(chan struct{})
	first := newRawProvider(t, func(_ *http.Request, connection net.Conn) {
		fmt.Fprint(connection, streamHead)
		<-heard
		chunk(connection, eventStart+eventFinal+eventEnd)
		fmt.Fprint(connection, "0\r\n\r\n")
	})
	second := newRawProvider(t, stay("200 OK\r\nConnection: close\r\nContent-Type: application/json", wholeAnswer))
	gateway := startWithTwo(t, "foundry", first.URL, second.URL)
	response, err := http.DefaultTransport.RoundTrip(gateway.Request(t, "/v1/messages", askStream))
	close(heard)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, err := io.ReadAll(response.Body); err != nil || string(body) != eventStart+eventFinal+eventEnd || len(second.requests()) != 0 {
		t.Errorf("%q %v", body, err)
	}
	if x := gateway.WaitRows(t, 1)[0]; x.Upstream != "first" || x.Error != "" || x.Usage.Output != 2 {
		t.Errorf("the row: %+v", x)
	}
}

// TestPromise2_AnAnswerThatBreaksBeforeItsFirstByte moves on, whole or streamed,
// and what it may have cost is in the row.
func TestPromise2_AnAnswerThatBreaksBeforeItsFirstByte(t *testing.T) {
	t.Parallel()
	for name, head := range map[string]string{
		"a stream": streamHead,
		"a whole":  "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first := newRawProvider(t, func(_ *http.Request, connection net.Conn) { fmt.Fprint(connection, head) }) // and closed
			second := newRawProvider(t, stay("200 OK\r\nConnection: close\r\nContent-Type: application/json", wholeAnswer))
			gateway := startWithTwo(t, "anthropic", first.URL, second.URL)
			if status, answer := gateway.Ask(t, askWhole); status != http.StatusOK || !strings.Contains(answer, "stop_reason") {
				t.Errorf("%d %s", status, answer)
			}
			if x := gateway.WaitRows(t, 1)[0]; x.Status != http.StatusOK || x.Upstream == "" || !x.Estimated || x.Error != "attempt_abandoned" {
				t.Errorf("the row: %+v", x)
			}
			if log := gateway.Log(); !strings.Contains(log, "an upstream did not serve a request") || !strings.Contains(log, "why=no_answer") {
				t.Errorf("the log does not say why it moved on:\n%s", log)
			}
		})
	}
}
