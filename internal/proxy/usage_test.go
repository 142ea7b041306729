package proxy_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"tollgate"
	"tollgate/internal/gatewaytest"
)

// TestUsage answers each caller from the budgets that their requests are paid
// from, and nobody else.
func TestUsage(t *testing.T) {
	t.Parallel()
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: answersWhole(t).URL})
	type answer struct {
		Extra struct {
			Limit *int64 `json:"monthly_limit"`
			Used  *int64 `json:"used_credits"`
		} `json:"extra_usage"`
		Limits []struct{ Group string }
	}
	ask := func(key string) (got answer) {
		t.Helper()
		response, body := askModels(t, gateway, http.MethodGet, "/api/oauth/usage?skip_spend=1", "Authorization", "Bearer "+key)
		if err := json.Unmarshal(body, &got); err != nil || response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != "application/json" {
			t.Fatalf("%d %s", response.StatusCode, body)
		}
		return got
	}
	if got := ask(gateway.Key); got.Extra.Limit != nil || got.Limits == nil || len(got.Limits) != 0 {
		t.Errorf("without a budget: %+v", got)
	}
	set(t, gateway, "developer:ann@example.com", 20*tollgate.Dollar/100, true)
	set(t, gateway, "org", 500*tollgate.Dollar, true)
	for range 100 {
		present(t, gateway, gateway.Key, askWhole)
	}
	spent := gateway.WaitRows(t, 100)[0].Cost * 100
	for _, style := range []tollgate.KeyStyle{tollgate.OpaqueKey, tollgate.JWTKey} {
		got := ask(style.Write(gateway.Key))
		if len(got.Limits) != 2 || got.Extra.Limit == nil || *got.Extra.Limit != 20 || *got.Extra.Used != int64((spent+tollgate.Dollar/200)/(tollgate.Dollar/100)) || *got.Extra.Used == 0 {
			t.Errorf("%s: %+v of %v", style, got, spent)
		}
	}
	for _, key := range []string{"", "sk-ant-x", gateway.Key + "x"} {
		response, body := askModels(t, gateway, http.MethodGet, "/api/oauth/usage", "Authorization", "Bearer "+key)
		if response.StatusCode != http.StatusUnauthorized || !isEnvelope(body, "authentication_error") {
			t.Errorf("%q: %d %s", key, response.StatusCode, body)
		}
	}
}
