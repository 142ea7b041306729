package app_test

import (
	"net/http"
	"strings"
	"testing"

	"tollgate"
	"tollgate/api"
	"tollgate/internal/gatewaytest"
)

// TestPromise2_ARunningGatewaysLedgerIsWhole asks a gateway that has just
// answered, refused and counted.
func TestPromise2_ARunningGatewaysLedgerIsWhole(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: p.URL})
	for _, each := range []bool{false, true} {
		if _, err := gateway.Admin.SetBudget(t.Context(), api.NewBudget{Scope: "org", AmountNanoUSD: int64(1000 * tollgate.Dollar), Period: "day", Each: each}); err != nil {
			t.Fatal(err)
		}
	}
	askMany(t, gateway.URL, gateway.Key, 20)
	for _, text := range []string{"{", `{"model":"gpt-11"}`, "{}"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, gateway.URL+"/v1/messages", strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("X-Api-Key", gateway.Key)
		if status, answer := gatewaytest.Do(t, request); status < 400 {
			t.Fatal(status, answer)
		}
	}
	found, err := gateway.Admin.CheckLedger(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if found.Differences+found.Waiting+found.Open != 0 || found.Requests != 23 || len(found.Checks) != 8 {
		t.Errorf("%+v", found)
	}
	gateway.Stop(t)
	checkLedger(t, gateway.Dir)
}
