package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"tollgate"
	"tollgate/internal/store"
)

func testRequestsBetween(t *testing.T, s *store.Store) {
	var minutes []*tollgate.Exchange
	for n := range 7 {
		minutes = append(minutes, exchange(start.Add(time.Duration(n)*time.Minute)))
	}
	early := exchange(start) // its id is from before the time of its row
	early.Time = start.Add(30 * time.Second)
	must(t, s.Append(t.Context(), append(minutes, early)))
	between := func(since, until time.Time, rows int) (ids []string) {
		must(t, s.RequestsBetween(t.Context(), since, until, rows, func(some []*tollgate.Exchange) error {
			if len(some) > rows {
				t.Errorf("%d rows at a time, want at most %d", len(some), rows)
			}
			for _, x := range some {
				ids = append(ids, x.ID)
			}
			return nil
		}))
		return ids
	}
	for rows := 1; rows < 9; rows++ {
		want(t, "those of three minutes", between(start.Add(time.Minute), start.Add(4*time.Minute), rows), idsOf(minutes[1:4]))
		want(t, "those after the first moment", between(start.Add(time.Second), start.Add(time.Minute), rows), []string{early.ID})
		want(t, "all", len(between(time.Time{}, time.Time{}, rows)), 8)
		want(t, "those of no time", len(between(start.Add(time.Hour), time.Time{}, rows)), 0)
	}
}

func idsOf(rows []*tollgate.Exchange) (ids []string) {
	for _, x := range rows {
		ids = append(ids, x.ID)
	}
	return ids
}

// testRequestsBetweenEnds: an error of the visit and the end of the context end
// it after the visit they come in.
func testRequestsBetweenEnds(t *testing.T, s *store.Store) {
	must(t, s.Append(t.Context(), []*tollgate.Exchange{exchange(start), exchange(start.Add(time.Second))}))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	enough := errors.New("enough")
	for _, c := range []struct {
		visit func() error
		want  error
	}{
		{func() error { return enough }, enough},
		{func() error { cancel(); return nil }, context.Canceled},
	} {
		visits := 0
		err := s.RequestsBetween(ctx, time.Time{}, time.Time{}, 1, func([]*tollgate.Exchange) error {
			visits++
			return c.visit()
		})
		if visits != 1 || !errors.Is(err, c.want) {
			t.Errorf("%d visits and the error %v, want one visit and %v", visits, err, c.want)
		}
	}
}

func testSpentBetween(t *testing.T, s *store.Store) {
	row := func(at time.Time, developer, model string, cost tollgate.Money) *tollgate.Exchange {
		x := exchange(at)
		x.Key, x.Developer, x.Team, x.Model, x.Cost = "0123456789ab", developer, "core", model, cost
		return x
	}
	const opus = "claude-opus-5-5"
	must(t, s.Append(t.Context(), []*tollgate.Exchange{
		row(start.Add(-time.Second), "ann@example.com", opus, 1),
		row(start, "ann@example.com", opus+"[1m]", 10),
		row(start.Add(time.Hour), "bob@example.com", opus, 100),
		row(start.Add(2*time.Hour), "bob@example.com", "claude-haiku-4-5", 1000),
		row(start.Add(3*time.Hour), "ann@example.com", opus, 10_000),
	}))
	zone := time.FixedZone("", 2*60*60)
	midnight := time.Date(2026, 11, 22, 22, 0, 0, 0, time.UTC)
	counter := func(member string, spent tollgate.Money) tollgate.BudgetCounter {
		c := tollgate.BudgetCounter{Budget: "bgt_1", Start: midnight, End: midnight.Add(24 * time.Hour), Spent: spent}
		if member != "" {
			c.Member = tollgate.Scope{Kind: tollgate.ScopeDeveloper, Name: member}
		}
		return c
	}
	shared := tollgate.Budget{
		ID: "bgt_1", Scope: tollgate.Scope{Kind: tollgate.ScopeTeam, Name: "core"}, Period: tollgate.PeriodDay,
		Models: []string{"claude-opus-*"}, CreatedAt: start.Add(100 * 24 * time.Hour),
	}
	got, err := s.SpentBetween(t.Context(), shared, zone, start, start.Add(3*time.Hour))
	must(t, err)
	want(t, "the shared counter", got, []tollgate.BudgetCounter{counter("", 110)})
	each := shared
	each.Each = true
	got, err = s.SpentBetween(t.Context(), each, zone, start, start.Add(3*time.Hour))
	must(t, err)
	if len(got) == 2 && got[0].Spent > got[1].Spent {
		got[0], got[1] = got[1], got[0]
	}
	want(t, "the counters of members", got, []tollgate.BudgetCounter{counter("ann@example.com", 10), counter("bob@example.com", 100)})
	total := shared
	total.Period = tollgate.PeriodTotal
	got, err = s.SpentBetween(t.Context(), total, zone, time.Time{}, start.Add(3*time.Hour))
	must(t, err)
	want(t, "the total", got, []tollgate.BudgetCounter{{Budget: "bgt_1", Spent: 111}})
}
