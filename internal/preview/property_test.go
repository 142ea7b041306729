package preview_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"tollgate"
	"tollgate/internal/preview"
	"tollgate/internal/store"
)

// anyLedger has requests of everybody over ten days. Those that do not overlap
// come one after another.
func anyLedger(t *testing.T, random *rand.Rand, overlap bool) (*preview.Ledger, []*tollgate.Exchange) {
	t.Helper()
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), store.File))
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	names := []string{"ann", "ann2", "bob", "cleo", "build"}
	var rows []*tollgate.Exchange
	when := at(t, "2026-11-13 00:00:00").UTC()
	for range 1 + random.IntN(1500) {
		took := time.Duration(random.Int64N(int64(5 * time.Minute)))
		when = when.Add(time.Duration(random.Int64N(int64(10 * time.Minute)))).Truncate(time.Microsecond)
		x := &tollgate.Exchange{
			ID: tollgate.NewRequestID(when), Time: when, Principal: people[names[random.IntN(len(names))]], Operation: tollgate.Messages,
			Model: []string{"claude-opus-5-5", "claude-haiku-4-5"}[random.IntN(2)], Upstream: "anthropic", Status: 200,
			Cost: tollgate.Money(1 + random.Int64N(int64(tollgate.Dollar))), Duration: took,
			Usage: tollgate.Usage{Tokens: tollgate.Tokens{Input: random.Int64N(10_000), Output: random.Int64N(10_000)}},
		}
		rows = append(rows, x)
		if !overlap {
			when = when.Add(took).Add(time.Millisecond)
		}
	}
	must(t, s.Append(t.Context(), rows))
	return &preview.Ledger{Store: s, Zone: berlin}, rows
}

// eachSeed runs a property on some ledgers. A failure names its seed.
func eachSeed(t *testing.T, property func(t *testing.T, random *rand.Rand)) {
	t.Helper()
	t.Parallel()
	for range 8 {
		seed := rand.Uint64()
		t.Run(fmt.Sprint(seed), func(t *testing.T) { property(t, rand.New(rand.NewPCG(seed, 4))) })
	}
}

func anyOf[T any](random *rand.Rand, all ...T) T { return all[random.IntN(len(all))] }

func anyBudget(t *testing.T, random *rand.Rand, amount tollgate.Money) tollgate.Budget {
	b := hard(t, anyOf(random, "org", "team:core", "developer:ann@example.com", "service:build", "key:annannannan2"),
		anyOf(random, tollgate.PeriodDay, tollgate.PeriodWeek, tollgate.PeriodMonth, tollgate.PeriodTotal), 0)
	b.Amount = amount
	b.Each = b.Scope.HasMembers() && random.IntN(2) == 0
	b.Models = anyOf(random, nil, []string{"*opus*"}, []string{"claude-haiku-*", "*opus*"})
	return b
}

// TestMoreThanEverythingRefusesNobody: a budget with room for all that was ever
// spent, and a limit beyond all that ever came, do nothing.
func TestMoreThanEverythingRefusesNobody(t *testing.T) {
	eachSeed(t, func(t *testing.T, random *rand.Rand) {
		l, rows := anyLedger(t, random, true)
		b := anyBudget(t, random, tollgate.Money(len(rows)+1)*tollgate.Dollar)
		b.Enforce = anyOf(random, tollgate.EnforceExpected, tollgate.EnforceStrict)
		since, until := at(t, "2026-11-16 00:00:00"), at(t, "2026-12-31 00:00:00")
		p, err := l.Budget(t.Context(), b, since, until)
		must(t, err)
		if p.Refused != 0 || p.Saved != 0 || len(p.Refusals) != 0 {
			t.Errorf("%+v refuses %+v", b, p)
		}
		const most = 1 << 40
		p, err = l.Limit(t.Context(), tollgate.Limit{
			ID: "lim_1", Scope: b.Scope, Models: b.Models, Each: b.Each,
			RequestsPerMinute: most, InputTokensPerMinute: most, OutputTokensPerMinute: most, Concurrent: most, CountTokensPerMinute: most,
		}, since, until)
		must(t, err)
		if p.Refused != 0 || p.Saved != 0 || len(p.Refusals) != 0 {
			t.Errorf("a limit of %d refuses %+v", most, p)
		}
	})
}

// TestOneAfterAnotherIsASum: without requests at the same time an expected
// budget refuses those, and those alone, that come when all of it is spent.
func TestOneAfterAnotherIsASum(t *testing.T) {
	eachSeed(t, func(t *testing.T, random *rand.Rand) {
		l, rows := anyLedger(t, random, false)
		b := anyBudget(t, random, tollgate.Money(random.Int64N(int64(100*tollgate.Dollar))))
		since, until := at(t, "2026-11-16 00:00:00").Add(time.Duration(random.Int64N(int64(48*time.Hour)))), at(t, "2026-11-21 12:00:00")
		p, err := l.Budget(t.Context(), b, since, until)
		must(t, err)
		want := sum(&b, rows, since, until)
		if p.Requests != want.Requests || p.Refused != want.Refused || p.Saved != want.Saved {
			t.Errorf("%+v: %d of %d worth %s, want %d of %d worth %s", b, p.Refused, p.Requests, p.Saved, want.Refused, want.Requests, want.Saved)
		}
		var refused, days int64
		for _, r := range p.Refusals {
			refused, days = refused+r.Refused, max(days, r.Days)
		}
		if refused != p.Refused || days > 6 || !slices.IsSortedFunc(p.Refusals, func(a, b tollgate.PreviewRefusal) int { return int(b.Refused - a.Refused) }) {
			t.Errorf("%+v", p)
		}
	})
}

// sum is a preview as anybody would work it out on paper.
func sum(b *tollgate.Budget, rows []*tollgate.Exchange, since, until time.Time) (p tollgate.Preview) {
	type window struct {
		member tollgate.Scope
		start  time.Time
	}
	spent := map[window]tollgate.Money{}
	for _, x := range rows {
		member, counts := b.Counts(x.Principal, x.Model)
		if !counts || !x.Time.Before(until) {
			continue
		}
		start, _ := b.Period.Window(x.Time, berlin)
		in := window{member, start}
		switch {
		case x.Time.Before(since):
			spent[in] += x.Cost
		case spent[in] >= b.Amount:
			p.Requests, p.Refused, p.Saved = p.Requests+1, p.Refused+1, p.Saved+x.Cost
		default:
			p.Requests++
			spent[in] += x.Cost
		}
	}
	return p
}
