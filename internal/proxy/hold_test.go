package proxy_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tollgate"
	"tollgate/internal/journal"
	"tollgate/internal/policy/budget"
	"tollgate/internal/proxy"
	"tollgate/internal/route"
	"tollgate/internal/secret"
	"tollgate/internal/upstream"
)

// fund puts one budget in force that all share.
func fund(p *proxy.Proxy, enforce tollgate.Enforcement, amount tollgate.Money) {
	p.Budgets.Read().Load(budget.State{Budgets: []tollgate.Budget{{
		ID: "bgt_all", Scope: tollgate.Scope{Kind: tollgate.ScopeOrg}, Amount: amount, Period: tollgate.PeriodTotal, Hard: true, Enforce: enforce,
	}}})
}

func askBare(p *proxy.Proxy, body string) *httptest.ResponseRecorder {
	return askAt(p, "/v1/messages", body)
}

func askAt(p *proxy.Proxy, path, body string) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	defer func() { _ = recover() }() // how a cut ends
	p.ServeHTTP(answer, httptest.NewRequest(http.MethodPost, path, strings.NewReader(body)))
	return answer
}

// answering is a provider that always answers like this.
func answering(t *testing.T, status int) *rawProvider {
	return newRawProvider(t, func(_ *http.Request, connection net.Conn) {
		head := strings.Replace(jsonHead, "200 OK", fmt.Sprint(status, " As Told"), 1)
		fmt.Fprintf(connection, "%sContent-Length: %d\r\n\r\n%s", head, len(wholeAnswer), wholeAnswer)
	})
}

// TestPromise4_AnEstimateStaysWithinTheHold: four spaces are a token by our
// estimate, and eighty may be one.
func TestPromise4_AnEstimateStaysWithinTheHold(t *testing.T) {
	t.Parallel()
	provider := newRawProvider(t, func(_ *http.Request, connection net.Conn) {
		fmt.Fprint(connection, streamHead)
		chunk(connection, eventStart+`event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"`+strings.Repeat(" ", 200_000)+`"}}

`)
	})
	handler, _, recorded := bareProxy(t, provider.URL, new(bytes.Buffer))
	fund(handler, tollgate.EnforceStrict, tollgate.Dollar)
	askBare(handler, `{"model":"claude-opus-5-5","stream":true,"max_tokens":100,"messages":[]}`)
	if len(*recorded) != 1 {
		t.Fatalf("%d rows", len(*recorded))
	}
	if x := (*recorded)[0]; x.Error != "upstream_cut" || x.Held == 0 || x.Cost > x.Held {
		t.Errorf("%s was held for a request that ended with %q and is said to have cost %s", x.Held, x.Error, x.Cost)
	}
}

// TestPromise4_AFaultHoldsNothing, wherever it is.
func TestPromise4_AFaultHoldsNothing(t *testing.T) {
	t.Parallel()
	provider := answering(t, http.StatusOK)
	handler, _, _ := bareProxy(t, provider.URL, new(bytes.Buffer))
	fund(handler, tollgate.EnforceStrict, 100*tollgate.Dollar)
	handler.Record = func(*tollgate.Exchange) { panic("a mistake where requests are recorded") }
	askBare(handler, askWhole)
	if state := handler.Budgets.States("")[0]; handler.Budgets.Holds() != 0 || state.Held != 0 || state.Spent == 0 {
		t.Errorf("%d requests hold money: %+v", handler.Budgets.Holds(), state)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := handler.Shut(ctx); err != nil {
		t.Errorf("the turnstile: %v", err)
	}
}

// TestPromise4_ABudgetThatComesMeanwhile counts the requests under way, also
// those that were of no budget when they came.
func TestPromise4_ABudgetThatComesMeanwhile(t *testing.T) {
	t.Parallel()
	var handler *proxy.Proxy
	provider := newRawProvider(t, func(_ *http.Request, connection net.Conn) {
		fund(handler, tollgate.EnforceStrict, 100*tollgate.Dollar)
		fmt.Fprintf(connection, "%sContent-Length: %d\r\n\r\n%s", jsonHead, len(wholeAnswer), wholeAnswer)
	})
	var recorded *[]*tollgate.Exchange
	handler, _, recorded = bareProxy(t, provider.URL, new(bytes.Buffer))
	askBare(handler, askWhole)
	if state := handler.Budgets.States("")[0]; state.Held != 0 || state.Spent == 0 || state.Spent != (*recorded)[0].Cost {
		t.Errorf("%+v after a request for %s", state, (*recorded)[0].Cost)
	}
}

// TestTheGatesGrantAllOrNothing: what is refused for money has used up no pace,
// and is not within; what has ended makes room for the next.
func TestTheGatesGrantAllOrNothing(t *testing.T) {
	t.Parallel()
	handler, _, recorded := bareProxy(t, answering(t, http.StatusOK).URL, new(bytes.Buffer))
	handler.Limits.Load([]tollgate.Limit{{ID: "lim_all", Scope: tollgate.Scope{Kind: tollgate.ScopeOrg}, RequestsPerMinute: 2, Concurrent: 1}})
	fund(handler, tollgate.EnforceExpected, 0)
	for range 3 {
		askBare(handler, askWhole)
	}
	if status := askAt(handler, "/v1/messages/count_tokens", askWhole).Code; status != http.StatusOK {
		t.Errorf("counting tokens is answered %d, with no money", status)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := handler.Shut(ctx); err != nil {
		t.Errorf("the turnstile: %v", err)
	}
	handler.Open()
	fund(handler, tollgate.EnforceExpected, tollgate.Dollar)
	for range 3 {
		askBare(handler, askWhole)
	}
	var errs []string
	for _, x := range *recorded {
		errs = append(errs, x.Error)
		if x.Operation == tollgate.Messages && x.Status == http.StatusOK && x.Held == 0 {
			t.Errorf("nothing was held for a request of which nothing is known: %+v", x)
		}
	}
	if got, want := strings.Join(errs, ","), "billing_error,billing_error,billing_error,,,,rate_limit_error"; got != want {
		t.Errorf("they end with %q, want %q", got, want)
	}
}

// TestPromise4_AnotherAttemptNeedsItsOwnMoney, when the one before may be
// billed. What is held is in the journal before the provider has the request.
func TestPromise4_AnotherAttemptNeedsItsOwnMoney(t *testing.T) {
	t.Parallel()
	const body = `{"model":"claude-opus-5-5","max_tokens":100000,"messages":[]}`
	var handler *proxy.Proxy
	journaled := make(chan tollgate.Money, 2)
	provider := newRawProvider(t, func(*http.Request, net.Conn) { // hangs up
		survey, err := journal.Inspect(filepath.Dir(handler.Journal.Folder()))
		if err != nil {
			t.Error(err)
			return
		}
		var last tollgate.Money
		if _, err := survey.Read(func(p journal.Passage) error { last = p.Request.Cost; return nil }); err != nil {
			t.Error(err)
		}
		journaled <- last
	})
	var recorded *[]*tollgate.Exchange
	var snapshot *proxy.Snapshot
	handler, snapshot, recorded = bareProxy(t, provider.URL, new(bytes.Buffer))
	snapshot.Upstreams["second"] = snapshot.Upstreams["provider"]
	snapshot.Router = route.New(route.Config{}, []string{"provider", "second"}, nil, nil)
	fund(handler, tollgate.EnforceStrict, 3*tollgate.Dollar) // one attempt is held for with two
	askBare(handler, body)
	x := (*recorded)[0]
	if x.Error != "billing_error" || len(provider.requests()) != 1 || x.Cost == 0 || x.Cost > x.Held {
		t.Errorf("%d attempts were made, and it ended with %q, held %s, cost %s", len(provider.requests()), x.Error, x.Held, x.Cost)
	}
	if noted := <-journaled; noted != x.Held || noted < 2*tollgate.Dollar {
		t.Errorf("%s was held, and the journal had %s", x.Held, noted)
	}
	handler.Traffic = route.NewTraffic(time.Now) // nobody rests
	fund(handler, tollgate.EnforceStrict, 5*tollgate.Dollar)
	askBare(handler, body)
	if first, second := <-journaled, <-journaled; len(provider.requests()) != 3 || second != 2*first || (*recorded)[1].Held != second {
		t.Errorf("%s and %s were noted of %d attempts", first, second, len(provider.requests())-1)
	}
	snapshot.Upstreams["nowhere"] = nowhereUpstream(t) // cannot be sent to, and so cannot bill
	snapshot.Router = route.New(route.Config{}, []string{"provider", "nowhere", "second"}, nil, nil)
	handler.Traffic = route.NewTraffic(time.Now) // nobody rests
	fund(handler, tollgate.EnforceStrict, 50*tollgate.Dollar)
	askBare(handler, body)
	if first, second := <-journaled, <-journaled; second != 2*first {
		t.Errorf("%s was noted for the first attempt, and %s for the second that was sent", first, second)
	}
}

func nowhereUpstream(t *testing.T) *upstream.Upstream {
	t.Helper()
	place, err := upstream.New(upstream.Config{Name: "nowhere", Provider: "anthropic", BaseURL: "http://127.0.0.1:9", APIKey: secret.New("k"), FirstByte: time.Minute}, nil, time.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return place
}

// TestAnErrorSaysNothingOfBudgets: it is the provider's to explain.
func TestAnErrorSaysNothingOfBudgets(t *testing.T) {
	t.Parallel()
	for status, told := range map[int]bool{http.StatusOK: true, http.StatusBadRequest: false} {
		handler, _, _ := bareProxy(t, answering(t, status).URL, new(bytes.Buffer))
		fund(handler, tollgate.EnforceExpected, tollgate.Dollar)
		answer := askBare(handler, askWhole)
		if got := answer.Header().Get("Anthropic-Ratelimit-Unified-Status") != ""; got != told || answer.Code != status {
			t.Errorf("%d is answered %d with %v", status, answer.Code, answer.Header())
		}
	}
}
