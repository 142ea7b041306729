package proxy_test

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"tollgate"
	"tollgate/api"
	"tollgate/internal/gatewaytest"
)

const quotaProbe = `{"model":"claude-opus-5-5","max_tokens":1,"messages":[{"role":"user","content":"quota"}],"metadata":{"user_id":"{}"}}`

// answersWhole is a provider with one answer, which has a price.
func answersWhole(t *testing.T) *rawProvider {
	return newRawProvider(t, func(_ *http.Request, connection net.Conn) {
		_, _ = io.WriteString(connection, jsonHead+"\r\n"+wholeAnswer)
	})
}

// present sends a body with a key and returns the answer, whole.
func present(t *testing.T, gateway *gatewaytest.Gateway, key, body string) (*http.Response, string) {
	t.Helper()
	request := gateway.Request(t, "/v1/messages", body)
	request.Header.Del("X-Api-Key")
	request.Header.Set("Authorization", "Bearer "+key)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(text)
}

// set makes a budget of so many dollars a month.
func set(t *testing.T, gateway *gatewaytest.Gateway, scope string, amount tollgate.Money, hard bool) {
	t.Helper()
	_, err := gateway.Admin.SetBudget(t.Context(), api.NewBudget{Scope: scope, AmountNanoUSD: int64(amount), Period: "month", Hard: &hard})
	if err != nil {
		t.Fatal(err)
	}
}

const unified = "Anthropic-Ratelimit-Unified-"

func TestQuotaProbe(t *testing.T) {
	t.Parallel()
	provider := answersWhole(t)
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: provider.URL, Models: []string{"claude-opus-*"}})
	jwt := tollgate.JWTKey.Write(gateway.Key)

	response, text := present(t, gateway, jwt, quotaProbe)
	var message struct{ Type, Model string }
	if err := json.Unmarshal([]byte(text), &message); err != nil || response.StatusCode != http.StatusOK || message.Type != "message" || message.Model != "claude-opus-5-5" {
		t.Errorf("without a budget: %d %s", response.StatusCode, text)
	}
	if told := response.Header.Get(unified + "Status"); told != "" {
		t.Errorf("there is no budget, and it stands at %s", told)
	}
	set(t, gateway, "org", tollgate.Dollar, true)
	response, text = present(t, gateway, jwt, quotaProbe)
	if response.StatusCode != http.StatusOK || response.Header.Get(unified+"Overage-Utilization") != "0" {
		t.Errorf("with a budget: %d %v %s", response.StatusCode, response.Header, text)
	}
	set(t, gateway, "team:core", 0, false)
	response, text = present(t, gateway, jwt, quotaProbe)
	if response.StatusCode != http.StatusOK || response.Header.Get(unified+"Overage-Utilization") != "1" || response.Header.Get(unified+"Status") != "allowed_warning" {
		t.Errorf("with a soft budget that is spent: %d %v %s", response.StatusCode, response.Header, text)
	}
	set(t, gateway, "org", 0, true)
	response, text = present(t, gateway, jwt, quotaProbe)
	if response.StatusCode != http.StatusTooManyRequests || !isEnvelope([]byte(text), "billing_error") || response.Header.Get(unified+"Status") != "rejected" {
		t.Errorf("with a budget that is spent: %d %v %s", response.StatusCode, response.Header, text)
	}
	for model, status := range map[string]int{"claude-haiku-5-5": http.StatusForbidden, "gpt": http.StatusNotFound} {
		response, text = present(t, gateway, jwt, strings.Replace(quotaProbe, "claude-opus-5-5", model, 1))
		if response.StatusCode != status {
			t.Errorf("for %s: %d %s", model, response.StatusCode, text)
		}
	}
	for i, row := range gateway.WaitRows(t, 6) {
		if answered := i < 3; answered != (row.Status == http.StatusOK) || answered != (row.Error == "") || row.Upstream != "" || row.Cost != 0 || row.Estimated || row.Usage.Tokens != (tollgate.Tokens{}) {
			t.Errorf("row %d is %+v", i, row)
		}
	}
	if sent := provider.requests(); len(sent) != 0 {
		t.Errorf("the provider was asked %d times", len(sent))
	}
	found, err := gateway.Admin.CheckLedger(t.Context())
	if err != nil || found.Differences != 0 {
		t.Errorf("the check finds %+v, %v", found, err)
	}
}

// TestQuotaProbe_OtherwiseItIsARequest: in the other style of the key, and
// with anything more to it.
func TestQuotaProbe_OtherwiseItIsARequest(t *testing.T) {
	t.Parallel()
	provider := answersWhole(t)
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: provider.URL})
	jwt := tollgate.JWTKey.Write(gateway.Key)
	for i, one := range []struct{ key, body string }{
		{gateway.Key, quotaProbe},
		{jwt, strings.Replace(quotaProbe, "quota", "hello", 1)},
		{jwt, strings.Replace(quotaProbe, `"max_tokens":1`, `"max_tokens":1,"temperature":1`, 1)},
	} {
		if response, text := present(t, gateway, one.key, one.body); response.StatusCode != http.StatusOK || len(provider.requests()) != i+1 {
			t.Errorf("%s: %d %s, the provider has been asked %d times", one.body, response.StatusCode, text, len(provider.requests()))
		}
	}
	for _, sent := range provider.requests() {
		if strings.Contains(string(sent.head), gateway.Key) || strings.Contains(string(sent.head), "eyJ") {
			t.Errorf("the key went on: %s", sent.head)
		}
	}
	for i, row := range gateway.WaitRows(t, 3) {
		if row.Upstream == "" || row.Cost == 0 {
			t.Errorf("row %d is %+v", i, row)
		}
	}
}
