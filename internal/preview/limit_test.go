package preview_test

import (
	"testing"

	"tollgate"
)

const again = "waits and asks again by itself"

func TestLimit(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		limit        tollgate.Limit
		scope        string
		ledger, want string
		notes        []string
	}{
		"requests refill in the course of a minute": {
			tollgate.Limit{RequestsPerMinute: 2},
			"org", `
			2026-11-17 09:00:00 ann opus $1 1s
			2026-11-17 09:00:10 bob opus $1 1s
			2026-11-17 09:00:20 ann opus $2 1s
			2026-11-17 09:00:30 ann opus $4 1s
			2026-11-17 09:00:31 bob opus $8 1s
			2026-11-17 09:02:00 bob opus $1 1s`, `
			2 of 6, $10.00
			developer:ann@example.com: 1 of 3, 2026-11-17 09:00:20 to 2026-11-17 09:00:20, days: 1
			developer:bob@example.com: 1 of 3, 2026-11-17 09:00:31 to 2026-11-17 09:00:31, days: 1`,
			[]string{again},
		},
		"who is refused takes nothing": {
			tollgate.Limit{RequestsPerMinute: 1},
			"org", `
			2026-11-17 09:00:00 ann opus $1 1s
			2026-11-17 09:00:30 ann opus $2 1s
			2026-11-17 09:01:00 ann opus $4 1s`, `
			1 of 3, $2.00
			developer:ann@example.com: 1 of 3, 2026-11-17 09:00:30 to 2026-11-17 09:00:30, days: 1`,
			[]string{again},
		},
		"requests under way": {
			tollgate.Limit{Concurrent: 2},
			"team:core", `
			2026-11-17 09:00:00 ann opus $1 1m
			2026-11-17 09:00:01 cleo opus $1 1h
			2026-11-17 09:00:10 bob opus $1 1h
			2026-11-17 09:00:59 bob opus $2 1s
			2026-11-17 09:01:00 bob opus $1 1m
			2026-11-17 09:02:00 ann opus $1 1m`, `
			1 of 5, $2.00
			developer:bob@example.com: 1 of 3, 2026-11-17 09:00:59 to 2026-11-17 09:00:59, days: 1`,
			[]string{again},
		},
		"each for itself": {
			tollgate.Limit{Concurrent: 1, Each: true},
			"team:core", `
			2026-11-17 09:00:00 ann opus $1 1m
			2026-11-17 09:00:01 bob opus $1 1m
			2026-11-17 09:00:02 ann2 opus $2 1m`, `
			1 of 3, $2.00
			developer:ann@example.com: 1 of 2, 2026-11-17 09:00:02 to 2026-11-17 09:00:02, days: 1`,
			[]string{again},
		},
		"what is read from a cache is no input": {
			tollgate.Limit{InputTokensPerMinute: 1000},
			"org", `
			2026-11-17 09:00:00 ann opus $1 1s in=400 read=100000
			2026-11-17 09:00:02 ann opus $1 1s in=100 written=2000
			2026-11-17 09:00:10 ann opus $2 1s in=1
			2026-11-17 09:02:00 ann opus $1 1s in=1`, `
			1 of 4, $2.00
			developer:ann@example.com: 1 of 4, 2026-11-17 09:00:10 to 2026-11-17 09:00:10, days: 1`,
			[]string{again},
		},
		"output, for some models": {
			tollgate.Limit{OutputTokensPerMinute: 1000, Models: []string{"claude-opus*"}},
			"org", `
			2026-11-17 09:00:00 ann opus $1 1s out=1100
			2026-11-17 09:00:01 ann haiku $1 1s out=1000
			2026-11-17 09:00:01 ann opus $2 1s out=1`, `
			1 of 2, $2.00
			developer:ann@example.com: 1 of 2, 2026-11-17 09:00:01 to 2026-11-17 09:00:01, days: 1`,
			[]string{again},
		},
		"what is expected is learned": {
			tollgate.Limit{OutputTokensPerMinute: 1000},
			"org", `
			2026-11-17 09:00:00 ann opus $1 1s out=500
			2026-11-17 09:10:00 ann opus $1 1s out=500
			2026-11-17 09:20:00 ann opus $1 1s out=500
			2026-11-17 09:30:00 ann opus $1 1s out=500
			2026-11-17 10:00:00 ann opus $1 1h out=1
			2026-11-17 10:00:00 ann opus $1 1h out=1
			2026-11-17 10:00:01 ann opus $2 1h out=1`, `
			1 of 7, $2.00
			developer:ann@example.com: 1 of 7, 2026-11-17 10:00:01 to 2026-11-17 10:00:01, days: 1`,
			[]string{again},
		},
		"counting tokens has a figure of its own": {
			tollgate.Limit{CountTokensPerMinute: 1},
			"org", `
			2026-11-17 09:00:00 ann opus $1 1s
			2026-11-17 09:00:00 ann opus $1 1s
			2026-11-17 09:00:00 ann opus $0 1s count
			2026-11-17 09:00:01 ann opus $0 1s count`, `
			1 of 2, $0.00
			developer:ann@example.com: 1 of 2, 2026-11-17 09:00:01 to 2026-11-17 09:00:01, days: 1`,
			[]string{again},
		},
		"other figures are not about counting tokens": {
			tollgate.Limit{RequestsPerMinute: 1, Concurrent: 1},
			"org", `
			2026-11-17 09:00:00 ann opus $0 1s count
			2026-11-17 09:00:00 ann opus $0 1s count
			2026-11-17 09:00:00 ann opus $1 1s`,
			`0 of 1, $0.00`, nil,
		},
		"what failed had come, and what came to no provider had not": {
			tollgate.Limit{RequestsPerMinute: 2},
			"org", `
			2026-11-17 09:00:00 ann opus $0 1s unrouted
			2026-11-17 09:00:00 ann opus $0 1s refused
			2026-11-17 09:00:00 ann opus $0 1s failed
			2026-11-17 09:00:00 ann opus $1 1s
			2026-11-17 09:00:02 ann opus $2 1s`, `
			1 of 3, $2.00
			developer:ann@example.com: 1 of 3, 2026-11-17 09:00:02 to 2026-11-17 09:00:02, days: 1`,
			[]string{"are not counted, since nobody knows what they would have consumed: 1.", again},
		},
		"only what nobody did": {
			tollgate.Limit{CountTokensPerMinute: 1},
			"org", `2026-11-17 09:00:00 ann opus $1 1s`,
			`0 of 0, $0.00`,
			[]string{"requests of the organisation, but none that the rule is about"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.limit.ID, test.limit.Scope = "lim_1", scope(t, test.scope)
			p, err := newLedger(t, before+test.ledger).Limit(t.Context(), test.limit, at(t, "2026-11-16 00:00:00"), at(t, "2026-11-23 00:00:00"))
			must(t, err)
			check(t, p, test.want, test.notes)
		})
	}
}
