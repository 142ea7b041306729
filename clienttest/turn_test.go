package clienttest

import (
	"path/filepath"
	"strings"
	"testing"
)

// foreign is a credential that no gateway issued.
const foreign = "sk-not-a-gateway-key"

// TestPromise1_AToolRoundTripInEveryCredentialForm reads a file by way of the
// model: the prompt, a tool call, its result, the final text.
func TestPromise1_AToolRoundTripInEveryCredentialForm(t *testing.T) {
	tests := []struct {
		name         string
		set          func(t *testing.T, c *client, key string)
		bearer, apik string // what the client is known to send; KEY is its key
	}{
		{"bearer", func(_ *testing.T, c *client, key string) { c.set("ANTHROPIC_AUTH_TOKEN", key) }, "Bearer KEY", ""},
		{"API key", func(_ *testing.T, c *client, key string) { c.set("ANTHROPIC_API_KEY", key) }, "", "KEY"},
		{"both, the bearer is foreign", func(_ *testing.T, c *client, key string) {
			c.set("ANTHROPIC_AUTH_TOKEN", foreign)
			c.set("ANTHROPIC_API_KEY", key)
		}, "Bearer " + foreign, "KEY"},
		{"both, the API key is foreign", func(_ *testing.T, c *client, key string) {
			c.set("ANTHROPIC_AUTH_TOKEN", key)
			c.set("ANTHROPIC_API_KEY", foreign)
		}, "Bearer KEY", foreign},
		{"apiKeyHelper", func(t *testing.T, c *client, key string) {
			c.write(t, filepath.Join(c.home, ".claude", "settings.json"), `{"apiKeyHelper": "echo `+key+`"}`)
		}, "Bearer KEY", "KEY"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l := newLine(t, "")
			c := l.newClient(t)
			test.set(t, c, l.gateway.Key)
			l.readsAFile(t, c)
			for _, one := range l.legs(t) {
				bearer := strings.ReplaceAll(one.near.header.Get("Authorization"), l.gateway.Key, "KEY")
				apik := strings.ReplaceAll(one.near.header.Get("X-Api-Key"), l.gateway.Key, "KEY")
				if bearer != test.bearer || apik != test.apik {
					t.Errorf("the client sent %q and %q, want %q and %q", bearer, apik, test.bearer, test.apik)
				}
			}
		})
	}
}

// readsAFile runs the client through a round trip of two requests.
func (l *line) readsAFile(t *testing.T, c *client) {
	t.Helper()
	got := c.run(t, "What does hello.txt say?")
	if got.code != 0 || !strings.Contains(got.text, "hello from the probe file") {
		t.Fatalf("the client printed %+v", got)
	}
	legs := l.legs(t)
	if len(legs) != 2 || legs[0].row.StopReason != "tool_use" || legs[1].row.StopReason != "end_turn" {
		t.Fatalf("the round trip took %d requests", len(legs))
	}
	if first, second := legs[0].row, legs[1].row; first.Usage.CacheWrite5m+first.Usage.CacheWrite1h == 0 || second.Usage.CacheRead == 0 {
		t.Errorf("the first turn wrote %+v to the cache, the second read %+v", first.Usage.Tokens, second.Usage.Tokens)
	}
}

func TestCustomHeadersPass(t *testing.T) {
	l := newLine(t, "")
	c := l.newClient(t, "ANTHROPIC_AUTH_TOKEN="+l.gateway.Key, "ANTHROPIC_CUSTOM_HEADERS=X-Team: blue\nX-Cost-Center: 42")
	l.readsAFile(t, c)
	for _, one := range l.legs(t) {
		if one.far.Header.Get("X-Team") != "blue" || one.far.Header.Get("X-Cost-Center") != "42" {
			t.Errorf("the provider saw %v", one.far.Header)
		}
	}
}

func TestHintHeadersAreInTheLedger(t *testing.T) {
	l := newLine(t, "")
	l.readsAFile(t, l.newClient(t, "ANTHROPIC_AUTH_TOKEN="+l.gateway.Key, "CLAUDE_CODE_GATEWAY_HINT_HEADERS=1"))
	for _, one := range l.legs(t) {
		if one.row.RequestClass != "main" || one.row.Prompt == "" {
			t.Errorf("the row has class %q and prompt %q", one.row.RequestClass, one.row.Prompt)
		}
	}
}

func TestOneHourCacheIsPricedAsSuch(t *testing.T) {
	l := newLine(t, "")
	l.readsAFile(t, l.newClient(t, "ANTHROPIC_AUTH_TOKEN="+l.gateway.Key, "ENABLE_PROMPT_CACHING_1H=1"))
	if row := l.legs(t)[0].row; row.Usage.CacheWrite1h == 0 {
		t.Errorf("the first turn is counted as %+v", row.Usage.Tokens)
	}
}

func TestAnotherModelHasItsOwnPrice(t *testing.T) {
	l := newLine(t, "")
	c := l.newClient(t, "ANTHROPIC_AUTH_TOKEN="+l.gateway.Key)
	if got := c.run(t, "Hello", "--model", "haiku"); got.code != 0 || !strings.Contains(got.text, "simulated claude-haiku-5-5") {
		t.Fatalf("the client printed %+v", got)
	}
	for _, one := range l.legs(t) {
		if one.row.Model != "claude-haiku-5-5" {
			t.Errorf("the row names %s", one.row.Model)
		}
	}
}

// TestSubagentsAreAttributed has an agent spawn an agent that reads a file.
func TestSubagentsAreAttributed(t *testing.T) {
	l := newLine(t, "")
	c := l.newClient(t, "ANTHROPIC_AUTH_TOKEN="+l.gateway.Key)
	got := c.run(t, "Spawn an agent to spawn an agent to read the file hello.txt")
	if got.code != 0 || !strings.Contains(got.text, "hello from the probe file") {
		t.Fatalf("the client printed %+v", got)
	}
	sessions := map[string]int{}
	parents := map[string]string{} // of each agent; "" is the main conversation
	for _, one := range l.legs(t) {
		sessions[one.row.Session]++
		if one.row.Agent != "" {
			parents[one.row.Agent] = one.row.ParentAgent
		}
	}
	if len(sessions) != 1 || len(parents) != 2 {
		t.Fatalf("%d sessions, agents %v", len(sessions), parents)
	}
	for agent, parent := range parents {
		if _, known := parents[parent]; parent != "" && (!known || parents[parent] != "") {
			t.Errorf("%s has the parent %s among %v", agent, parent, parents)
		}
	}
}

func TestCountingTokensIsFree(t *testing.T) {
	l := newLine(t, "")
	c := l.newClient(t, "ANTHROPIC_AUTH_TOKEN="+l.gateway.Key)
	if got := c.run(t, "/context"); got.code != 0 {
		t.Fatalf("the client printed %+v", got)
	}
	counted := 0
	for _, one := range l.legs(t) {
		if one.row.Operation == "count_tokens" {
			counted++
		}
	}
	if counted < 10 {
		t.Errorf("the client counted tokens %d times", counted)
	}
}

func TestModelsAreDiscovered(t *testing.T) {
	l := newLine(t, "")
	c := l.newClient(t, "ANTHROPIC_AUTH_TOKEN="+l.gateway.Key, "CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY=1")
	c.set("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "")
	l.readsAFile(t, c)
	c.checkPicker(t, l.wire.url)
	seen := map[string]int{}
	for _, one := range l.wire.exchanges(t) {
		if one.method != "POST" {
			seen[one.method+" "+one.path] = one.status
		}
	}
	if seen["GET /v1/models?limit=1000"] != 200 || seen["HEAD /api/hello"] != 200 {
		t.Errorf("beside its requests the client asked %v", seen)
	}
}
