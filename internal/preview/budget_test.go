package preview_test

import (
	"testing"

	"tollgate"
)

func scope(t testing.TB, text string) tollgate.Scope {
	t.Helper()
	s, err := tollgate.ParseScope(text)
	must(t, err)
	return s
}

// hard is a budget that refuses.
func hard(t testing.TB, of string, period tollgate.Period, dollars tollgate.Money) tollgate.Budget {
	return tollgate.Budget{
		ID: "bgt_1", Scope: scope(t, of), Period: period, Amount: dollars * tollgate.Dollar,
		Hard: true, Enforce: tollgate.EnforceExpected,
	}
}

const (
	unknown = "Nobody knows what people would have done"
	begins  = "The ledger begins on "
)

// before is a request of nobody in question, so that the ledger is older than
// the time that is asked about.
const before = "2026-01-01 12:00:00 cleo haiku $0 1s\n"

func TestBudget(t *testing.T) {
	t.Parallel()
	type change = func(*tollgate.Budget)
	for name, test := range map[string]struct {
		scope        string
		period       tollgate.Period
		dollars      tollgate.Money
		change       change
		since, until string // of 2026-11; midnight
		ledger, want string
		notes        []string
	}{
		"what is spent last may pass the amount, and then there is no more": {
			"org", tollgate.PeriodDay, 10, nil, "16", "23", `
			2026-11-17 09:00:00 ann opus $6 30s
			2026-11-17 10:00:00 bob opus $5 30s
			2026-11-17 11:00:00 ann opus $2 30s
			2026-11-17 12:00:00 bob haiku $3 30s
			2026-11-17 13:00:00 ann opus $4 30s`, `
			3 of 5, $9.00
			developer:ann@example.com: 2 of 3, 2026-11-17 11:00:00 to 2026-11-17 13:00:00, days: 1
			developer:bob@example.com: 1 of 2, 2026-11-17 12:00:00 to 2026-11-17 12:00:00, days: 1`,
			[]string{unknown},
		},
		"a day ends at midnight over there, and the arrival says whose day it is": {
			"org", tollgate.PeriodDay, 10, nil, "16", "23", `
			2026-11-17 23:59:59 ann opus $10 1h
			2026-11-18 00:00:00 ann opus $4 30s
			2026-11-18 00:59:00 ann opus $6 30s
			2026-11-18 01:00:00 ann opus $1 30s
			2026-11-18 23:59:59 ann opus $2 30s
			2026-11-19 00:00:00 ann opus $3 30s`, `
			2 of 6, $3.00
			developer:ann@example.com: 2 of 6, 2026-11-18 01:00:00 to 2026-11-18 23:59:59, days: 1`,
			[]string{unknown},
		},
		"a week begins on Monday": {
			"org", tollgate.PeriodWeek, 10, nil, "21", "30", `
			2026-11-15 23:59:59 ann opus $90 30s
			2026-11-16 00:00:00 ann opus $6 30s
			2026-11-21 12:00:00 ann opus $4 30s
			2026-11-22 12:00:00 ann opus $1 30s
			2026-11-22 23:00:00 ann opus $2 30s
			2026-11-23 00:00:00 ann opus $4 30s`, `
			2 of 4, $3.00
			developer:ann@example.com: 2 of 4, 2026-11-22 12:00:00 to 2026-11-22 23:00:00, days: 1`,
			[]string{unknown},
		},
		"days are counted by the calendar": {
			"team:core", tollgate.PeriodMonth, 1, nil, "16", "23", `
			2026-11-16 12:00:00 ann opus $1 1s
			2026-11-17 00:30:00 ann opus $1 1s
			2026-11-17 23:30:00 ann opus $1 1s
			2026-11-19 00:30:00 ann opus $1 1s`, `
			3 of 4, $3.00
			developer:ann@example.com: 3 of 4, 2026-11-17 00:30:00 to 2026-11-19 00:30:00, days: 2`,
			[]string{unknown},
		},
		"what was spent earlier in the month is spent": {
			"org", tollgate.PeriodMonth, 10, nil, "16", "23", `
			2026-10-31 23:59:59 ann opus $100 30s
			2026-11-01 00:00:00 ann opus $8 30s
			2026-11-16 00:00:00 ann opus $2 30s
			2026-11-16 10:00:00 ann opus $1 30s`, `
			1 of 2, $1.00
			developer:ann@example.com: 1 of 2, 2026-11-16 10:00:00 to 2026-11-16 10:00:00, days: 1`,
			[]string{unknown},
		},
		"the total counts everything before": {
			"org", tollgate.PeriodTotal, 10, nil, "16", "23", `
			2026-02-01 12:00:00 bob opus $7 30s
			2026-11-16 09:00:00 ann opus $4 30s
			2026-11-16 10:00:00 ann opus $1 30s`, `
			1 of 2, $1.00
			developer:ann@example.com: 1 of 2, 2026-11-16 10:00:00 to 2026-11-16 10:00:00, days: 1`,
			[]string{unknown},
		},
		"each member has the amount for itself": {
			"org", tollgate.PeriodMonth, 10, func(b *tollgate.Budget) { b.Each = true }, "16", "23", `
			2026-11-10 09:00:00 ann opus $9 30s
			2026-11-17 09:00:00 ann opus $1 30s
			2026-11-17 10:00:00 bob opus $9 30s
			2026-11-17 11:00:00 ann2 opus $1 30s
			2026-11-17 12:00:00 bob opus $1 30s
			2026-11-17 13:00:00 build opus $11 30s
			2026-11-17 14:00:00 build opus $1 30s`, `
			2 of 6, $2.00
			developer:ann@example.com: 1 of 2, 2026-11-17 11:00:00 to 2026-11-17 11:00:00, days: 1
			service:build: 1 of 2, 2026-11-17 14:00:00 to 2026-11-17 14:00:00, days: 1`,
			[]string{unknown},
		},
		"of a developer the members are the keys, and the developer is told": {
			"developer:ann@example.com", tollgate.PeriodDay, 10, func(b *tollgate.Budget) { b.Each = true }, "16", "23", `
			2026-11-17 09:00:00 ann opus $10 30s
			2026-11-17 10:00:00 ann2 opus $10 30s
			2026-11-17 11:00:00 bob opus $10 30s
			2026-11-17 12:00:00 ann opus $1 30s
			2026-11-17 13:00:00 ann2 opus $1 30s`, `
			2 of 4, $2.00
			developer:ann@example.com: 2 of 4, 2026-11-17 12:00:00 to 2026-11-17 13:00:00, days: 1`,
			[]string{unknown},
		},
		"a budget is about its models": {
			"org", tollgate.PeriodDay, 10, func(b *tollgate.Budget) { b.Models = []string{"claude-opus*"} }, "16", "23", `
			2026-11-17 09:00:00 ann opus[1m] $10 30s
			2026-11-17 10:00:00 ann haiku $10 30s
			2026-11-17 11:00:00 ann opus $1 30s`, `
			1 of 2, $1.00
			developer:ann@example.com: 1 of 2, 2026-11-17 11:00:00 to 2026-11-17 11:00:00, days: 1`,
			[]string{unknown},
		},
		"what is under way holds what such requests have cost": {
			"org", tollgate.PeriodDay, 10, nil, "16", "23", `
			2026-11-17 09:00:00 ann opus $4 1h
			2026-11-17 09:10:00 bob opus $4 1h
			2026-11-17 09:20:00 cleo opus $4 1h
			2026-11-17 09:30:00 cleo opus $2 1h
			2026-11-17 10:30:00 ann opus $1 1s`, `
			2 of 5, $5.00
			developer:ann@example.com: 1 of 2, 2026-11-17 10:30:00 to 2026-11-17 10:30:00, days: 1
			developer:cleo@example.com: 1 of 2, 2026-11-17 09:20:00 to 2026-11-17 09:20:00, days: 1`,
			[]string{unknown},
		},
		"what is expected is learned from what has ended": {
			"org", tollgate.PeriodWeek, 30, nil, "16", "23", `
			2026-11-17 09:00:00 ann opus $5 1s
			2026-11-17 09:10:00 ann opus $5 1s
			2026-11-17 09:20:00 ann opus $5 1s
			2026-11-17 09:30:00 ann opus $5 1s
			2026-11-17 10:00:00 ann opus $1 1h
			2026-11-17 10:10:00 ann opus $1 1h
			2026-11-17 10:20:00 ann opus $1 1h`, `
			1 of 7, $1.00
			developer:ann@example.com: 1 of 7, 2026-11-17 10:20:00 to 2026-11-17 10:20:00, days: 1`,
			[]string{unknown},
		},
		"who is refused teaches nothing": {
			"org", tollgate.PeriodDay, 10, nil, "16", "23", `
			2026-11-17 09:00:00 ann opus $1 1s
			2026-11-17 09:10:00 ann opus $1 1s
			2026-11-17 09:20:00 ann opus $1 1s
			2026-11-17 09:30:00 ann opus $1 1s
			2026-11-17 10:00:00 bob haiku $6 1s
			2026-11-17 11:00:00 ann opus $9 1s
			2026-11-18 09:00:00 ann opus $1 1h
			2026-11-18 09:10:00 ann opus $1 1h`, `
			1 of 8, $9.00
			developer:ann@example.com: 1 of 7, 2026-11-17 11:00:00 to 2026-11-17 11:00:00, days: 1`,
			[]string{unknown},
		},
		"a strict budget holds the dearest request so far": {
			"org", tollgate.PeriodDay, 10, func(b *tollgate.Budget) { b.Enforce = tollgate.EnforceStrict }, "16", "23", `
			2026-11-17 09:00:00 ann opus $6 30s
			2026-11-17 10:00:00 ann opus $1 30s
			2026-11-17 11:00:00 ann haiku $3 30s
			2026-11-17 12:00:00 ann haiku $2 30s`, `
			2 of 4, $3.00
			developer:ann@example.com: 2 of 4, 2026-11-17 10:00:00 to 2026-11-17 12:00:00, days: 1`,
			[]string{"The dearest request so far for the same model stands for it here", unknown},
		},
		"a budget of nothing refuses all": {
			"team:data", tollgate.PeriodDay, 0, nil, "16", "23", `
			2026-11-17 09:00:00 cleo opus $6 30s
			2026-11-17 09:00:00 ann opus $6 30s`, `
			1 of 1, $6.00
			developer:cleo@example.com: 1 of 1, 2026-11-17 09:00:00 to 2026-11-17 09:00:00, days: 1`,
			[]string{unknown},
		},
		"what costs nothing needs no money": {
			"org", tollgate.PeriodDay, 10, nil, "16", "23", `
			2026-11-17 09:00:00 ann opus $10 30s
			2026-11-17 10:00:00 ann opus $0 30s failed
			2026-11-17 10:00:00 ann opus $0 30s unrouted
			2026-11-17 11:00:00 ann opus $0 30s count`,
			`0 of 1, $0.00`, nil,
		},
		"what was refused at the time is not counted": {
			"org", tollgate.PeriodDay, 10, func(b *tollgate.Budget) { b.Models = []string{"claude-opus*"} }, "16", "23", `
			2026-11-17 09:00:00 ann opus $10 30s
			2026-11-17 10:00:00 ann opus $0 1s refused
			2026-11-17 10:30:00 bob opus $0 1s refused
			2026-11-17 11:00:00 ann haiku $0 1s refused`,
			`0 of 1, $0.00`,
			[]string{"are not counted, since nobody knows what they would have consumed: 2."},
		},
		"a soft budget tells": {
			"org", tollgate.PeriodDay, 10, func(b *tollgate.Budget) { b.Each, b.Hard = true, false }, "16", "23", `
			2026-11-17 09:00:00 ann opus $9 30s
			2026-11-17 23:59:30 ann opus $2 1m
			2026-11-17 23:59:40 ann opus $2 10m
			2026-11-18 10:00:00 ann opus $9 30s
			2026-11-18 10:00:00 bob opus $20 90s`,
			`0 of 5, $0.00`,
			[]string{"refuses nothing. Its end was reached by developer ann@example.com on 2026-11-18 at 00:00, by developer bob@example.com on 2026-11-18 at 10:01."},
		},
		"a soft budget tells of the first few times": {
			"org", tollgate.PeriodDay, 1, func(b *tollgate.Budget) { b.Hard = false }, "16", "25", `
			2026-11-16 09:00:00 ann opus $1 1s
			2026-11-17 09:00:00 ann opus $1 1s
			2026-11-18 09:00:00 ann opus $1 1s
			2026-11-19 09:00:00 ann opus $1 1s
			2026-11-20 09:00:00 ann opus $1 1s
			2026-11-21 09:00:00 ann opus $1 1s
			2026-11-22 09:00:00 ann opus $1 1s`,
			`0 of 7, $0.00`,
			[]string{"by the organisation on 2026-11-20 at 09:00, and 2 more times."},
		},
		"a soft budget that was spent before": {
			"org", tollgate.PeriodMonth, 1, func(b *tollgate.Budget) { b.Hard = false }, "16", "25", `
			2026-11-02 09:00:00 ann opus $1 1s
			2026-11-16 09:00:00 ann opus $1 1s`,
			`0 of 1, $0.00`,
			[]string{"Its end was reached before that time began."},
		},
		"a soft budget that several had spent before": {
			"org", tollgate.PeriodMonth, 1, func(b *tollgate.Budget) { b.Each, b.Hard = true, false }, "16", "25", `
			2026-11-02 09:00:00 ann opus $1 1s
			2026-11-03 09:00:00 bob opus $2 1s
			2026-11-16 09:00:00 cleo opus $3 1s`,
			`0 of 1, $0.00`,
			[]string{"Its end was reached before that time began by 2 members, by developer cleo@example.com on 2026-11-16 at 09:00."},
		},
		"a soft budget that is never spent": {
			"org", tollgate.PeriodMonth, 10, func(b *tollgate.Budget) { b.Hard = false }, "16", "25",
			`2026-11-16 09:00:00 ann opus $1 1s`,
			`0 of 1, $0.00`,
			[]string{"Its end was never reached."},
		},
		"a scope that asked for nothing": {
			"team:void", tollgate.PeriodDay, 10, nil, "16", "23", `2026-11-17 09:00:00 ann opus $10 30s`,
			`0 of 0, $0.00`,
			[]string{"the ledger has no request of team void"},
		},
		"models that nobody used": {
			"team:core", tollgate.PeriodDay, 10, func(b *tollgate.Budget) { b.Models = []string{"claude-fable*"} }, "16", "23",
			`2026-11-17 09:00:00 ann opus $10 30s`,
			`0 of 0, $0.00`,
			[]string{"the ledger has requests of team core, but none that the rule is about"},
		},
		"only what arrived in the span": {
			"org", tollgate.PeriodTotal, 10, nil, "17", "18", `
			2026-11-16 23:59:59 ann opus $9 1h
			2026-11-17 00:00:00 ann opus $1 30s
			2026-11-17 23:59:59 bob opus $1 30s
			2026-11-18 00:00:00 ann opus $1 30s`, `
			1 of 2, $1.00
			developer:bob@example.com: 1 of 1, 2026-11-17 23:59:59 to 2026-11-17 23:59:59, days: 1`,
			[]string{unknown},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := hard(t, test.scope, test.period, test.dollars)
			if test.change != nil {
				test.change(&b)
			}
			since, until := at(t, "2026-11-"+test.since+" 00:00:00"), at(t, "2026-11-"+test.until+" 00:00:00")
			p, err := newLedger(t, before+test.ledger).Budget(t.Context(), b, since, until)
			must(t, err)
			check(t, p, test.want, test.notes)
			if !p.Since.Equal(since) || !p.Until.Equal(until) {
				t.Errorf("it is about %s to %s", p.Since, p.Until)
			}
		})
	}
}

// TestClocksAreChanged: the day on which clocks are put back has 25 hours.
func TestClocksAreChanged(t *testing.T) {
	t.Parallel()
	p, err := newLedger(t, before+`
		2026-10-25 00:00:00 ann opus $10 1s
		2026-10-25 23:59:59 ann opus $1 1s
		2026-10-26 00:00:00 ann opus $2 1s
	`).Budget(t.Context(), hard(t, "org", tollgate.PeriodDay, 10), at(t, "2026-10-24 00:00:00"), at(t, "2026-10-30 00:00:00"))
	must(t, err)
	check(t, p, `
		1 of 3, $1.00
		developer:ann@example.com: 1 of 3, 2026-10-25 23:59:59 to 2026-10-25 23:59:59, days: 1`, []string{unknown})
}

func TestYoungLedgerSaysSo(t *testing.T) {
	t.Parallel()
	p, err := newLedger(t, `2026-11-18 09:00:00 ann opus $1 1s`).Budget(t.Context(),
		hard(t, "org", tollgate.PeriodDay, 10), at(t, "2026-11-16 00:00:00"), at(t, "2026-11-23 00:00:00"))
	must(t, err)
	check(t, p, "0 of 1, $0.00", []string{begins + "2026-11-18"})
}

func TestEmptyLedger(t *testing.T) {
	t.Parallel()
	p, err := newLedger(t, "").Budget(t.Context(), hard(t, "org", tollgate.PeriodTotal, 10), at(t, "2026-11-16 00:00:00"), at(t, "2026-11-23 00:00:00"))
	must(t, err)
	check(t, p, "0 of 0, $0.00", []string{"the ledger has no request of the organisation"})
}
