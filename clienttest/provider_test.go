package clienttest

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"tollgate/internal/gatewaytest"
	"tollgate/internal/simulator"
)

// mode is a way to run the client: which provider it takes the gateway for.
type mode struct {
	door string // behind the gateway's address
	own  simulator.Provider
	env  []string // URL stands for the door, KEY for the key
}

var modes = map[string]mode{
	"messages": {"", simulator.Anthropic, []string{"ANTHROPIC_BASE_URL=URL", "ANTHROPIC_AUTH_TOKEN=KEY"}},
	"bedrock": {"/bedrock", simulator.Bedrock, []string{
		"ANTHROPIC_BEDROCK_BASE_URL=URL", "CLAUDE_CODE_USE_BEDROCK=1", "CLAUDE_CODE_SKIP_BEDROCK_AUTH=1", "ANTHROPIC_AUTH_TOKEN=KEY", "AWS_REGION=us-east-1",
	}},
	"vertex": {"/vertex", simulator.Vertex, []string{
		"ANTHROPIC_VERTEX_BASE_URL=URL", "CLAUDE_CODE_USE_VERTEX=1", "CLAUDE_CODE_SKIP_VERTEX_AUTH=1", "ANTHROPIC_AUTH_TOKEN=KEY",
		"ANTHROPIC_VERTEX_PROJECT_ID=acme-canary", "CLOUD_ML_REGION=global",
	}},
	"foundry": {"/foundry", simulator.Foundry, []string{
		"ANTHROPIC_FOUNDRY_BASE_URL=URL", "CLAUDE_CODE_USE_FOUNDRY=1", "ANTHROPIC_FOUNDRY_API_KEY=KEY", "ANTHROPIC_MODEL=claude-opus-5-5",
	}},
	"anthropic-aws": {"/anthropic-aws", simulator.AnthropicAWS, []string{
		"ANTHROPIC_AWS_BASE_URL=URL", "CLAUDE_CODE_USE_ANTHROPIC_AWS=1", "CLAUDE_CODE_SKIP_ANTHROPIC_AWS_AUTH=1", "ANTHROPIC_AUTH_TOKEN=KEY",
		"ANTHROPIC_AWS_WORKSPACE_ID=wrkspc_01canary", "AWS_REGION=us-east-1",
	}},
}

// newCloudLine is a line that ends at these providers, in this order.
func newCloudLine(t *testing.T, config string, models []string, providers ...simulator.Provider) *line {
	t.Helper()
	program(t) // skip before anything is started
	provider := simulator.New(simulator.Config{Keep: 200, Keys: []string{gatewaytest.ProviderKey}})
	far := httptest.NewServer(provider)
	t.Cleanup(far.Close)
	gateway := gatewaytest.Start(t, gatewaytest.Options{Config: gatewaytest.Upstreams(far.URL, providers...) + config, Models: models})
	return &line{wire: newWire(t, strings.TrimPrefix(gateway.URL, "http://")), gateway: gateway, provider: provider}
}

// client is a machine that takes the line for a provider, with this key.
func (m mode) client(t *testing.T, l *line, key string) *client {
	t.Helper()
	var env []string
	for _, pair := range m.env {
		env = append(env, strings.NewReplacer("URL", "URL", "=URL", "="+l.wire.url+m.door, "=KEY", "="+key).Replace(pair))
	}
	return newClient(t, env...)
}

// pair is a mode of the client and the provider that serves it.
type pair struct {
	mode     string
	provider simulator.Provider
}

// pairs are every provider behind the Messages API, and before every door its
// own provider and one that is not.
func pairs() (all []pair) {
	for _, provider := range simulator.Providers {
		all = append(all, pair{"messages", provider})
	}
	for name, mode := range modes {
		if name != "messages" {
			all = append(all, pair{name, mode.own})
		}
	}
	return append(all, pair{"bedrock", simulator.Anthropic}, pair{"vertex", simulator.Bedrock}, pair{"foundry", simulator.Vertex}, pair{"anthropic-aws", simulator.BedrockMantle}, pair{"bedrock", simulator.Vertex})
}

// TestPromise6_TheClientReadsAFileWhateverItTakesTheGatewayFor: a prompt, a tool
// call, its result and the final text, in every mode of the client, unmodified.
func TestPromise6_TheClientReadsAFileWhateverItTakesTheGatewayFor(t *testing.T) {
	t.Parallel()
	for _, pair := range pairs() {
		t.Run(pair.mode+" to "+string(pair.provider), func(t *testing.T) {
			t.Parallel()
			l := newCloudLine(t, "", nil, pair.provider)
			got := modes[pair.mode].client(t, l, l.gateway.Key).run(t, "What does hello.txt say?")
			if got.code != 0 || !strings.Contains(got.text, "hello from the probe file") {
				t.Fatalf("the client printed %+v; it was answered\n%s", got, l.refusals(t))
			}
			l.checkPair(t, pair)
		})
	}
}

// checkPair holds what the ledger and the provider know of the round trip.
func (l *line) checkPair(t *testing.T, p pair) {
	t.Helper()
	rows := l.gateway.WaitRows(t, 2)
	for i, stop := range []string{"tool_use", "end_turn"} {
		row := rows[i]
		if row.StopReason != stop || row.Status != http.StatusOK || row.Cost == 0 || row.Usage.Output == 0 || row.Estimated ||
			row.Model != "claude-opus-5-5" || row.Upstream != string(p.provider) || row.Session == "" || !row.Stream {
			t.Errorf("the row is %+v", row)
		}
	}
	if rows[1].Usage.CacheRead == 0 {
		t.Errorf("the second turn read %+v from the cache", rows[1].Usage.Tokens)
	}
	for _, one := range l.provider.Received() {
		if one.Provider != p.provider || strings.Contains(strings.Join(one.Header["Authorization"], " "), "tgk_") {
			t.Errorf("the request went to %s as %s", one.Provider, one.Header["Authorization"])
		}
	}
}

// refusals are the answers that were not what the client wanted.
func (l *line) refusals(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, one := range l.wire.exchanges(t) {
		if one.status != http.StatusOK {
			all.WriteString(one.method + " " + one.path + ": " + http.StatusText(one.status) + " " + string(one.answer) + "\n")
		}
	}
	return all.String()
}
