package app_test

import (
	"fmt"
	"net/http"
	"testing"

	"tollgate"
	"tollgate/internal/gatewaytest"
)

// TestPromise4_ASessionStaysAcrossRestarts: each of many sessions of a pool goes
// to the account that served it, though the weights have been turned round
// meanwhile, and none is told as moved.
func TestPromise4_ASessionStaysAcrossRestarts(t *testing.T) {
	t.Parallel()
	const sessions = 20
	provider := newSwitchedProvider(t)
	options := func(one, other int) gatewaytest.Options {
		accounts := ""
		for _, name := range []string{"one", "other"} {
			accounts += fmt.Sprintf("  - {name: %s, provider: anthropic, base_url: \"http://%s\", api_key: k}\n", name, provider.Listener.Addr())
		}
		return gatewaytest.Options{Config: "upstreams:\n" + accounts +
			fmt.Sprintf("routes: [{models: [\"claude-*\"], upstreams: [one, other], weights: {one: %d, other: %d}}]\n", one, other)}
	}
	gateway := gatewaytest.Start(t, options(1000, 1))
	askAll := func(after int) map[string]*tollgate.Exchange {
		for i := range sessions {
			request := gateway.Request(t, "/v1/messages", `{"model":"claude-opus-4-8","max_tokens":9,"messages":[]}`)
			request.Header.Set("X-Claude-Code-Session-Id", fmt.Sprint("session-", i))
			if status, answer := gatewaytest.Do(t, request); status != http.StatusOK {
				t.Fatalf("%d %s", status, answer)
			}
		}
		rows := map[string]*tollgate.Exchange{}
		for _, x := range gateway.WaitRows(t, after+sessions)[after:] {
			rows[x.Session] = x
		}
		return rows
	}
	before := askAll(0)
	gateway.Restart(t, options(1, 1000))
	for session, x := range askAll(sessions) {
		if was := before[session]; was == nil || x.Upstream != was.Upstream || x.MovedFrom != "" {
			t.Errorf("%s was served by %+v, then by %s, moved from %q", session, was, x.Upstream, x.MovedFrom)
		}
	}
}
