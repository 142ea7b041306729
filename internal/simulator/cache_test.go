package simulator

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// clock is a time that tests move.
type clock struct{ nanos atomic.Int64 }

func (c *clock) now() time.Time          { return time.Unix(1_800_000_000, c.nanos.Load()) }
func (c *clock) advance(d time.Duration) { c.nanos.Add(int64(d)) }

func marked(text, ttl string) map[string]any {
	mark := map[string]any{"type": "ephemeral"}
	if ttl != "" {
		mark["ttl"] = ttl
	}
	return map[string]any{"type": "text", "text": text, "cache_control": mark}
}

func TestSecondTurnReadsWhatTheFirstWrote(t *testing.T) {
	var tick clock
	p := start(t, Config{Now: tick.now})
	system := []any{marked(strings.Repeat("rules ", 2000), "1h")}
	first := map[string]any{"system": system, "messages": []any{
		map[string]any{"role": "user", "content": []any{map[string]any{"type": "text", "text": "hi"}}},
		map[string]any{"role": "system", "content": []any{marked("be brief", "")}},
	}}
	second := map[string]any{"system": system, "messages": []any{
		map[string]any{"role": "user", "content": "hi"},         // now a string
		map[string]any{"role": "system", "content": "be brief"}, // and unmarked
		map[string]any{"role": "assistant", "content": "hello"},
		map[string]any{"role": "user", "content": []any{marked("and now?", "")}},
	}}
	type charge struct{ input, read, write5m, write1h float64 }
	turn := func(request map[string]any) charge {
		usage := p.stream(encodeRequest(t, request)).start
		split := usage["cache_creation"].(map[string]any)
		got := charge{
			usage["input_tokens"].(float64), usage["cache_read_input_tokens"].(float64),
			split["ephemeral_5m_input_tokens"].(float64), split["ephemeral_1h_input_tokens"].(float64),
		}
		if usage["cache_creation_input_tokens"] != got.write5m+got.write1h {
			t.Errorf("the total is not the sum of %v", usage)
		}
		return got
	}
	if got, want := turn(first), (charge{0, 0, 3, 3000}); got != want {
		t.Errorf("first turn: got %+v, want %+v", got, want)
	}
	if got, want := turn(second), (charge{0, 3003, 4, 0}); got != want {
		t.Errorf("second turn: got %+v, want %+v", got, want)
	}
	tick.advance(6 * time.Minute)
	if got, want := turn(second), (charge{0, 3000, 7, 0}); got != want {
		t.Errorf("six minutes later: got %+v, want %+v", got, want)
	}
	tick.advance(2 * time.Hour)
	if got, want := turn(second), (charge{0, 0, 7, 3000}); got != want {
		t.Errorf("two hours later: got %+v, want %+v", got, want)
	}
	second["model"] = "claude-sonnet-5-5"
	if got, want := turn(second), (charge{0, 0, 7, 3000}); got != want {
		t.Errorf("another model: got %+v, want %+v", got, want)
	}
}

func TestShortPrefixIsNotCached(t *testing.T) {
	p := start(t, Config{})
	request := encodeRequest(t, map[string]any{"system": []any{marked("short", "")}, "messages": userSays("hi")})
	for range 2 {
		if usage := p.stream(request).start; usage["cache_read_input_tokens"] != 0.0 || usage["cache_creation_input_tokens"] != 0.0 {
			t.Errorf("got %v", usage)
		}
	}
}

func TestCacheIsBounded(t *testing.T) {
	var cache promptCache
	now := time.Unix(0, 0)
	for i := range maxEntries + 100 {
		pieces := []segment{{tokens: minCached, prefix: [32]byte{byte(i), byte(i >> 8), byte(i >> 16)}, mark: new(cacheControl)}}
		cache.use("key", "model", pieces, now)
	}
	if len(cache.entries) > maxEntries {
		t.Errorf("holds %d entries", len(cache.entries))
	}
}
