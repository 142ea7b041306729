//go:build unix

package app_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tollgate/api"
	"tollgate/client"
	"tollgate/internal/gatewaytest"
	"tollgate/internal/handover"
)

const hookCanary = "canary-0123456789abcdef"

// hook is a webhook that takes everything.
type hook struct {
	url  string
	told chan told
}

// told is what a webhook has to read.
type told struct {
	Type, ID, Text, Scope string
	Threshold             int
	Spent                 int64 `json:"spent_nano_usd"`
}

func newHook(t *testing.T) *hook {
	t.Helper()
	h := &hook{told: make(chan told, 100)}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var one told
		body, _ := io.ReadAll(r.Body)
		if err := json.Unmarshal(body, &one); err != nil || one.ID != r.Header.Get("Webhook-Id") || r.Header.Get("Webhook-Signature") == "" {
			t.Errorf("%v: %v %s", err, r.Header, body)
		}
		h.told <- one
	}))
	t.Cleanup(server.Close)
	h.url = server.URL
	return h
}

func (h *hook) config() string {
	return fmt.Sprintf("alerts: {webhooks: [{name: hook, url: \"%s/%s\", secret: %s}]}\n", h.url, hookCanary, hookCanary)
}

func (h *hook) wait(t *testing.T) told {
	t.Helper()
	select {
	case one := <-h.told:
		return one
	case <-time.After(time.Minute):
		t.Fatal("nothing is told")
		return told{}
	}
}

// TestPromise4_AlertsAreToldOnce from the row to the webhook, across a reload
// that names it, a hand-over that fails, one that does not, and a raise.
func TestPromise4_AlertsAreToldOnce(t *testing.T) {
	t.Parallel()
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, cachedAnswer) }))
	defer provider.Close()
	h := newHook(t)
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: provider.URL})
	if status, text := gateway.Ask(t, askWhole); status != http.StatusOK {
		t.Fatal(status, text)
	}
	cost := int64(gateway.WaitRows(t, 1)[0].Cost)
	budget, err := gateway.Admin.SetBudget(t.Context(), api.NewBudget{Scope: "team:core", AmountNanoUSD: 2 * cost, Period: "total"})
	if err != nil {
		t.Fatal(err)
	}
	if err := gateway.Reload(t, gatewaytest.Options{Upstream: provider.URL, Config: h.config()}); err != nil {
		t.Fatal(err)
	}
	if one := h.wait(t); one.Type != "budget.threshold" || one.Threshold != 50 || one.Scope != "team:core" || one.Spent != cost || !strings.Contains(one.Text, "team core has spent 50 %") {
		t.Errorf("told %+v", one)
	}
	tests, err := gateway.Admin.TestAlerts(t.Context())
	if err != nil || len(tests.Data) != 1 || tests.Data[0].Sink != "hook" || tests.Data[0].Error != nil {
		t.Errorf("a trial: %+v, %v", tests, err)
	}
	if one := h.wait(t); one.Type != "test" {
		t.Errorf("a trial said %+v", one)
	}

	takeBack(t, gateway)
	if status, text := gateway.Ask(t, askWhole); status != http.StatusOK {
		t.Fatal(status, text)
	}
	if one := h.wait(t); one.Threshold != 100 || one.Spent != 2*cost || !strings.Contains(one.Text, "tollgate budget raise "+budget.ID) {
		t.Errorf("after the hand-over that failed, told %+v", one)
	}

	next := successor(t, gateway, provider.URL)
	admin := client.Socket(next.Socket)
	if _, err := admin.RaiseBudget(t.Context(), budget.ID, api.NewRaise{ByNanoUSD: 2 * cost, Until: "7d", Reason: "a test"}); err != nil {
		t.Fatal(err)
	}
	if err := next.Reload(settings(t, h.config()+fmt.Sprintf("data_dir: %q\n", gateway.Dir)+nowhere)); err != nil {
		t.Fatal(err)
	}
	for _, scope := range []string{"org", "developer:ann@example.com"} {
		if _, err := admin.SetBudget(t.Context(), api.NewBudget{Scope: scope, AmountNanoUSD: 2 * cost, Period: "total"}); err != nil {
			t.Fatal(err)
		}
		if one := h.wait(t); one.Scope != scope || one.Threshold != 100 {
			t.Errorf("the successor told %+v, want %s", one, scope)
		}
	}
	if log := gateway.Log(); strings.Contains(log, hookCanary) || !strings.Contains(log, "an alert on a budget was delivered") {
		t.Errorf("the log is\n%s", log)
	}
}

// takeBack lets a process begin to take over that dies before it serves.
func takeBack(t *testing.T, gateway *gatewaytest.Gateway) {
	t.Helper()
	claim, err := handover.Ask(t.Context(), filepath.Join(gateway.Dir, "handover.sock"), true)
	if err != nil {
		t.Fatal(err)
	}
	given, err := claim.Take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, each := range given {
		each.Close()
	}
	if err := claim.Close(); err != nil {
		t.Fatal(err)
	}
}
