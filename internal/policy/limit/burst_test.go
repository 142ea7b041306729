package limit

import (
	"testing"
	"time"

	"tollgate"
)

// sensible are the figures for each developer that docs/design/limit.md names.
var sensible = tollgate.Limit{
	ID: "sensible", Scope: org, Each: true,
	RequestsPerMinute: 60, InputTokensPerMinute: 400_000, OutputTokensPerMinute: 40_000,
	Concurrent: 32, CountTokensPerMinute: 60,
}

// TestTheClientsBurstsPassSensibleLimits is a busy minute of one developer, in
// which every burst that was seen of Claude Code happens (client-behaviour.md 1,
// 2 and 3.6, 2026-11-23).
func TestTheClientsBurstsPassSensibleLimits(t *testing.T) {
	l, w := with(sensible)
	first := ask(ada)
	first.Input, first.Output = 15_000, 800
	later := ask(ada)
	later.Input, later.Output = 4000, 800
	used := tollgate.Tokens{CacheWrite5m: 3000, CacheRead: 60_000, Output: 600}
	atOnce := func(a Ask, n int) (grants []Grant) {
		for range n {
			grants = append(grants, admitted(t, l, a))
		}
		return grants
	}
	settle := func(grants []Grant, used tollgate.Tokens) {
		for i := range grants {
			grants[i].Settle(used)
		}
	}

	title, turn := atOnce(ask(ada), 1), atOnce(first, 1)
	settle(title, tollgate.Tokens{Input: 900, Output: 30})
	settle(turn, tollgate.Tokens{CacheWrite5m: 15_000, Output: 700})
	for range 2 { // /context, twice in a row
		settle(atOnce(counting(ada), 25), tollgate.Tokens{})
	}
	settle(atOnce(first, 6), tollgate.Tokens{}) // a 400 of the provider, asked again with less each time
	agents := atOnce(first, 8)                  // subagents begin at once
	settle(agents, tollgate.Tokens{CacheWrite5m: 12_000, Output: 600})
	for range 5 { // and go on, while a stream that was cut is asked for again
		w.pass(10 * time.Second)
		settle(atOnce(later, 8), used)
		cut, again := atOnce(later, 1), atOnce(later, 1)
		settle(cut, used)
		settle(again, used)
	}
	settle(atOnce(counting(ada), 25), tollgate.Tokens{})
}

// TestOneContextPassesThirty is the least figure for count_tokens: one /context
// at a time, and the next one soon.
func TestOneContextPassesThirty(t *testing.T) {
	l, w := with(tollgate.Limit{ID: "a", Scope: org, Each: true, CountTokensPerMinute: 30})
	for range 25 {
		admitted(t, l, counting(ada))
	}
	for range 5 {
		admitted(t, l, counting(ada))
	}
	refused(t, l, counting(ada), 2*time.Second)
	w.pass(50 * time.Second)
	for range 25 {
		admitted(t, l, counting(ada))
	}
}

// TestACacheMissDoesNotLastLongerThanThePatience of the client, which it does
// when the figure for input is no more than half of the context.
func TestACacheMissDoesNotLastLongerThanThePatience(t *testing.T) {
	for _, test := range []struct {
		figure int64
		want   time.Duration
	}{{100_000, 60*time.Second + time.Second}, {sensible.InputTokensPerMinute, 0}} {
		l, _ := with(tollgate.Limit{ID: "a", Scope: org, Each: true, InputTokensPerMinute: test.figure})
		grant := admitted(t, l, ask(ada))
		grant.Settle(tollgate.Tokens{CacheWrite5m: 200_000, CacheRead: 20_000}) // all of a long conversation, after a pause
		if _, err := l.Admit(ask(ada)); test.want == 0 {
			if err != nil {
				t.Error(err)
			}
		} else if got := tollgate.AsError(err).RetryAfter; got != test.want {
			t.Errorf("at %d a minute: %v, want %v", test.figure, got, test.want)
		}
	}
}
