package gatewaytest_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"tollgate/internal/gatewaytest"
	"tollgate/internal/simulator"
)

func TestEveryProviderServesTheMessagesDoor(t *testing.T) {
	for _, provider := range simulator.Providers {
		t.Run(string(provider), func(t *testing.T) {
			far := httptest.NewServer(simulator.New(simulator.Config{Keys: []string{gatewaytest.ProviderKey}}))
			t.Cleanup(far.Close)
			g := gatewaytest.Start(t, gatewaytest.Options{Config: gatewaytest.Upstreams(far.URL, provider)})
			for _, stream := range []string{"true", "false"} {
				request := g.Request(t, "/v1/messages", `{"model":"claude-opus-5-5","max_tokens":100,"stream":`+stream+`,"messages":[{"role":"user","content":"hi"}]}`)
				request.Header.Set("Anthropic-Version", "2023-06-01")
				if status, answer := gatewaytest.Do(t, request); status != 200 || !strings.Contains(answer, `"end_turn"`) {
					t.Errorf("stream %s: %d %s", stream, status, answer)
				}
			}
		})
	}
}
