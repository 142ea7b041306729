package proxy_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"tollgate/internal/gatewaytest"
)

// TestPromise2_AnAbandonedAttempt: the first upstream has the request and says
// nothing, so that it may bill it; the second one answers. The one row has the
// exact cost of the answer and the estimated one of the silence.
func TestPromise2_AnAbandonedAttempt(t *testing.T) {
	t.Parallel()
	silent := newRawProvider(t, func(_ *http.Request, connection net.Conn) { waitForEnd(connection) })
	answering := newRawProvider(t, stay("200 OK\r\nConnection: close\r\nContent-Type: application/json", wholeAnswer))
	gateway := gatewaytest.Start(t, gatewaytest.Options{Config: fmt.Sprintf(`upstreams:
  - {name: silent, provider: anthropic, base_url: %q, api_key: %s, first_byte: 250ms}
  - {name: answering, provider: anthropic, base_url: %q, api_key: %s}
`, silent.URL, gatewaytest.ProviderKey, answering.URL, gatewaytest.ProviderKey)})
	if status, answer := gateway.Ask(t, askWhole); status != http.StatusOK || answer != wholeAnswer {
		t.Errorf("%d %s", status, answer)
	}
	x := gateway.WaitRows(t, 1)[0]
	compareRow(t, x, row(200, "attempt_abandoned", true, 10+inputOf(askWhole), 2))
	if x.Upstream != "answering" || x.StopReason != "end_turn" || len(silent.requests()) != 1 || len(answering.requests()) != 1 {
		t.Errorf("%d and %d requests arrived; the row: %+v", len(silent.requests()), len(answering.requests()), x)
	}
}

// TestPromise2_NothingIsSentTwiceUnseen: net/http would repeat a request with
// an idempotency key by itself when a connection that it has used before breaks.
// A provider may bill both, so there must be a row for each that arrives.
func TestPromise2_NothingIsSentTwiceUnseen(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Idempotency-Key", "X-Idempotency-Key"} {
		t.Run(name, func(t *testing.T) {
			arrived, address := newBreakingProvider(t)
			gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: address})
			for i, want := range []int{http.StatusOK, 529, http.StatusOK} {
				request := gateway.Request(t, "/v1/messages", askWhole)
				request.Header.Set(name, "once")
				if status, text := gatewaytest.Do(t, request); status != want {
					t.Errorf("request %d: %d %s, want %d", i, status, text, want)
				}
			}
			if rows := gateway.WaitRows(t, 3); arrived.Load() != int64(len(rows)) {
				t.Errorf("%d requests arrived at the provider; the ledger has %d", arrived.Load(), len(rows))
			}
		})
	}
}

// newBreakingProvider keeps its connections, and resets one in place of its
// second answer.
func newBreakingProvider(t *testing.T) (arrived *atomic.Int64, address string) {
	t.Helper()
	arrived = new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		if arrived.Add(1) != 2 {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, wholeAnswer)
			return
		}
		connection, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		reset(connection)
		connection.Close()
	}))
	t.Cleanup(server.Close)
	return arrived, server.URL
}

// TestPromise1_HeadersComeBeforeTheFirstEvent, however long that one takes.
func TestPromise1_HeadersComeBeforeTheFirstEvent(t *testing.T) {
	t.Parallel()
	h2 := new(http.Protocols)
	h2.SetUnencryptedHTTP2(true)
	for name, transport := range map[string]*http.Transport{"HTTP/1.1": {}, "HTTP/2.0": {Protocols: h2}} {
		t.Run(name, func(t *testing.T) {
			heard, ended := make(chan struct{}), make(chan struct{})
			provider := newRawProvider(t, func(_ *http.Request, connection net.Conn) {
				fmt.Fprint(connection, streamHead)
				select {
				case <-heard:
					chunk(connection, eventStart+eventFinal+eventEnd)
					fmt.Fprint(connection, "0\r\n\r\n")
				case <-ended:
				}
			})
			gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: provider.URL})
			defer transport.CloseIdleConnections()
			defer close(ended)
			var response *http.Response
			answered := make(chan struct{})
			go func() {
				defer close(answered)
				var err error
				if response, err = transport.RoundTrip(gateway.Request(t, "/v1/messages", askStream)); err != nil {
					t.Error(err)
				}
			}()
			await(t, answered, "the headers")
			if response == nil {
				return
			}
			defer response.Body.Close()
			close(heard)
			if body, err := io.ReadAll(bufio.NewReader(response.Body)); string(body) != eventStart+eventFinal+eventEnd || err != nil || response.Proto != name {
				t.Errorf("%s %q %v", response.Proto, body, err)
			}
		})
	}
}
