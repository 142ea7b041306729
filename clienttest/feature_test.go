package clienttest

import (
	"strings"
	"testing"

	"tollgate/internal/simulator"
)

// TestPromise6_WhatTheClientCanDoItCanDoThroughAnyDoor: agents that spawn
// agents, and a cache of an hour, through a door that is not the provider's own.
func TestPromise6_WhatTheClientCanDoItCanDoThroughAnyDoor(t *testing.T) {
	t.Parallel()
	for _, pair := range []pair{{"messages", simulator.Bedrock}, {"bedrock", simulator.Bedrock}, {"vertex", simulator.Anthropic}} {
		t.Run(pair.mode+" to "+string(pair.provider)+", agents", func(t *testing.T) {
			t.Parallel()
			l := newCloudLine(t, "", nil, pair.provider)
			got := modes[pair.mode].client(t, l, l.gateway.Key).run(t, "Spawn an agent to read the file hello.txt")
			if got.code != 0 || !strings.Contains(got.text, "hello from the probe file") {
				t.Fatalf("the client printed %+v; it was answered\n%s", got, l.refusals(t))
			}
			agents := map[string]bool{}
			for _, row := range l.gateway.Rows(t) {
				agents[row.Agent] = true
			}
			if len(agents) != 2 {
				t.Errorf("the agents are %v", agents)
			}
		})
		t.Run(pair.mode+" to "+string(pair.provider)+", a cache of an hour", func(t *testing.T) {
			t.Parallel()
			l := newCloudLine(t, "", nil, pair.provider)
			c := modes[pair.mode].client(t, l, l.gateway.Key)
			c.set("ENABLE_PROMPT_CACHING_1H", "1")
			c.set("ENABLE_PROMPT_CACHING_1H_BEDROCK", "1")
			if got := c.run(t, "Hello"); got.code != 0 {
				t.Fatalf("the client printed %+v; it was answered\n%s", got, l.refusals(t))
			}
			if row := l.gateway.WaitRows(t, 1)[0]; row.Usage.CacheWrite1h == 0 {
				t.Errorf("the turn is counted as %+v", row.Usage.Tokens)
			}
		})
	}
}
