package proxy_test

import (
	"net/http"
	"testing"
	"time"

	"tollgate/api"
	"tollgate/internal/gatewaytest"
)

// opens says whether the key is let in.
func opens(t *testing.T, gateway *gatewaytest.Gateway, key string) bool {
	t.Helper()
	response, body := askModels(t, gateway, http.MethodGet, "/v1/models", "X-Api-Key", key)
	switch {
	case response.StatusCode == http.StatusOK:
		return true
	case response.StatusCode == http.StatusUnauthorized && isEnvelope(body, "authentication_error") && response.Header.Get("X-Should-Retry") == "false":
		return false
	}
	t.Fatalf("%d %s", response.StatusCode, body)
	return false
}

// TestKeys_ChangesHoldAtOnce: the answer to an administrator means that the
// next request already meets the change.
func TestKeys_ChangesHoldAtOnce(t *testing.T) {
	t.Parallel()
	gateway := gatewaytest.Start(t, gatewaytest.Options{Config: fiveModels})
	admin, ctx := gateway.Admin, t.Context()
	must := func(key api.Key, err error) api.Key {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	for range 20 { // a change that holds only a moment later would be seen to fail sooner or later
		first := must(admin.CreateKey(ctx, api.NewKey{Developer: "ann@example.com"}))
		if !opens(t, gateway, first.Key) {
			t.Fatal("a new key does not open")
		}
		second := must(admin.RotateKey(ctx, first.ID, api.KeyRotation{Grace: "1h"}))
		if second.ID != first.ID || second.Key == first.Key || !opens(t, gateway, first.Key) || !opens(t, gateway, second.Key) {
			t.Fatal("after a rotation with grace both secrets open")
		}
		third := must(admin.RotateKey(ctx, first.ID, api.KeyRotation{Grace: "0s"}))
		if opens(t, gateway, first.Key) || opens(t, gateway, second.Key) || !opens(t, gateway, third.Key) {
			t.Fatal("after a rotation without grace the last secret alone opens")
		}
		must(admin.RevokeKey(ctx, first.ID))
		if opens(t, gateway, third.Key) {
			t.Fatal("a revoked key opens")
		}
	}
}

// TestKeys_Expire waits for a key to run out: it opens until then and never
// after.
func TestKeys_Expire(t *testing.T) {
	t.Parallel()
	gateway := gatewaytest.Start(t, gatewaytest.Options{Config: fiveModels})
	end := time.Now().Add(time.Second).Truncate(time.Millisecond)
	key, err := gateway.Admin.CreateKey(t.Context(), api.NewKey{Developer: "ann@example.com", ExpiresAt: end.Format(time.RFC3339Nano)})
	if err != nil {
		t.Fatal(err)
	}
	if !key.ExpiresAt.Equal(end) {
		t.Fatalf("expires at %v, want %v", key.ExpiresAt, end)
	}
	for {
		before := time.Now()
		open := opens(t, gateway, key.Key)
		after := time.Now()
		switch {
		case open && before.After(end):
			t.Fatal("an expired key opens")
		case !open && after.Before(end):
			t.Fatal("a key does not open before it expires")
		case !open:
			return
		}
	}
}

// TestKeys_RemovedDeveloper: whoever leaves is out at once, and what was used
// before stays in the ledger.
func TestKeys_RemovedDeveloper(t *testing.T) {
	t.Parallel()
	provider := newRawProvider(t, stay("200 OK\r\nConnection: close\r\nContent-Type: application/json", wholeAnswer))
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: provider.URL})
	if status, answer := gateway.Ask(t, askWhole); status != http.StatusOK {
		t.Fatal(status, answer)
	}
	if _, err := gateway.Admin.RemoveDeveloper(t.Context(), "ann@example.com"); err != nil {
		t.Fatal(err)
	}
	if opens(t, gateway, gateway.Key) {
		t.Error("the key of a developer who has left opens")
	}
	if x := gateway.WaitRows(t, 1)[0]; x.Developer != "ann@example.com" || x.Team != "core" {
		t.Errorf("the row: %+v", x.Principal)
	}
}

func TestKeys_LastUse(t *testing.T) {
	t.Parallel()
	gateway := gatewaytest.Start(t, gatewaytest.Options{Config: fiveModels})
	key, err := gateway.Admin.CreateKey(t.Context(), api.NewKey{Service: "ci", Team: "core"})
	if err != nil || key.LastUsedAt != nil {
		t.Fatal(key, err)
	}
	before := time.Now()
	opens(t, gateway, key.Key)
	after := time.Now()
	key, err = gateway.Admin.Key(t.Context(), key.ID)
	if err != nil || key.LastUsedAt == nil || key.LastUsedAt.Before(before.Round(0)) || key.LastUsedAt.After(after.Round(0)) {
		t.Errorf("last used at %v, want between %v and %v (%v)", key.LastUsedAt, before, after, err)
	}
}

// TestKeys_Attribution: a row says whose key it was, and everything that the
// client says of itself.
func TestKeys_Attribution(t *testing.T) {
	t.Parallel()
	provider := newRawProvider(t, stay("200 OK\r\nConnection: close\r\nContent-Type: application/json", wholeAnswer))
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: provider.URL})
	key, err := gateway.Admin.CreateKey(t.Context(), api.NewKey{Service: "ci", Team: "core"})
	if err != nil {
		t.Fatal(err)
	}
	request := gateway.Request(t, "/v1/messages", `{"model":"claude-opus-5-5","metadata":{"user_id":"{\"device_id\":\"d1\",\"account_uuid\":\"a1\"}"}}`)
	for name, value := range map[string]string{
		"X-Api-Key": key.Key, "User-Agent": "claude-cli/9", "X-Claude-Code-Session-Id": "s1", "X-Claude-Code-Agent-Id": "g1",
		"X-Claude-Code-Parent-Agent-Id": "p1", "X-Claude-Code-Request-Class": "main", "X-Claude-Code-Prompt-Id": "q1",
	} {
		request.Header.Set(name, value)
	}
	if status, answer := gatewaytest.Do(t, request); status != http.StatusOK {
		t.Fatal(status, answer)
	}
	x := gateway.WaitRows(t, 1)[0]
	got := []string{x.Key, x.Service, x.Developer, x.Team, x.Client, x.Session, x.Agent, x.ParentAgent, x.RequestClass, x.Prompt, x.Device, x.Account}
	want := []string{key.ID, "ci", "", "core", "claude-cli/9", "s1", "g1", "p1", "main", "q1", "d1", "a1"}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("the row says %q, want %q", got, want)
			break
		}
	}
}
