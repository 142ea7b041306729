package gatewaytest_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"tollgate/internal/gatewaytest"
	"tollgate/internal/simulator"
)

func TestWhatPlatformsTellStaysWithTheOperator(t *testing.T) {
	for _, provider := range simulator.Providers[1:] {
		for _, do := range []string{"status: 400", "status: 403", "status: 404", "status: 429", "status: 500, error: {platform: true}", "status: 400, error: {platform: true, message: no}"} {
			script, problems := simulator.ParseScript([]byte("rules: [{do: {" + do + "}}]"))
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			far := httptest.NewServer(simulator.New(simulator.Config{Keys: []string{gatewaytest.ProviderKey}, Script: script}))
			g := gatewaytest.Start(t, gatewaytest.Options{Config: gatewaytest.Upstreams(far.URL, provider)})
			status, answer := g.Ask(t, `{"model":"claude-opus-5-5","max_tokens":100,"messages":[{"role":"user","content":"hi"}]}`)
			if status < 400 || !strings.HasPrefix(answer, `{"type":"error","error":{`) {
				t.Errorf("%s, %s: %d %s", provider, do, status, answer)
			}
			for _, secret := range simulator.Secrets {
				if strings.Contains(answer, secret) {
					t.Errorf("%s, %s: the client is told %s: %s", provider, do, secret, answer)
				}
			}
			g.Stop(t)
			far.Close()
		}
	}
}
