package proxy_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tollgate"
	"tollgate/internal/policy/budget"
	"tollgate/internal/proxy"
)

// fund puts one budget in force that all share.
func fund(p *proxy.Proxy, enforce tollgate.Enforcement, amount tollgate.Money) {
	p.Budgets.Read().Load(budget.State{Budgets: []tollgate.Budget{{
		ID: "bgt_all", Scope: tollgate.Scope{Kind: tollgate.ScopeOrg}, Amount: amount, Period: tollgate.PeriodTotal, Hard: true, Enforce: enforce,
	}}})
}

func askBare(p *proxy.Proxy, body string) {
	defer func() { _ = recover() }() // how a cut ends
	p.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/v1/messages", strings.NewReader(body)))
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
	provider := newRawProvider(t, func(_ *http.Request, connection net.Conn) {
		fmt.Fprintf(connection, "%sContent-Length: %d\r\n\r\n%s", jsonHead, len(wholeAnswer), wholeAnswer)
	})
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
