package storetest

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"tollgate"
	"tollgate/internal/store"
)

// zones are where the days of these tests begin: one is at the end of summer in
// the weeks of the tests, one at its beginning, one is half an hour off.
var zones = []string{"UTC", "Europe/Berlin", "America/Santiago", "Asia/Kolkata", "Australia/Lord_Howe"}

// spender makes rows that cost something.
type spender struct {
	*rand.Rand
}

func newSpender(t *testing.T) spender {
	t.Helper()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	return spender{rand.New(rand.NewPCG(seed, 0))}
}

// row is of somebody, for some model, within some weeks around start.
func (r spender) row() *tollgate.Exchange {
	x := exchange(start.Add(time.Duration(r.Int64N(int64(60 * 24 * time.Hour)))).Add(-40 * 24 * time.Hour).Truncate(time.Microsecond))
	x.Principal = []tollgate.Principal{
		{Key: "k-ada", Developer: "ada@example.com", Team: "web"},
		{Key: "k-ada-2", Developer: "ada@example.com", Team: "apps"},
		{Key: "k-bob", Developer: "bob@example.com"},
		{Key: "k-ci", Service: "ci", Team: "web"},
	}[r.IntN(4)]
	x.Model = []string{"claude-opus-5-5", "claude-opus-5-5[1m]", "claude-haiku-5", ""}[r.IntN(4)]
	x.Session = fmt.Sprint(r.IntN(3))
	if r.IntN(5) > 0 {
		x.Cost = tollgate.Money(r.Int64N(1e10))
	}
	return x
}

// batch has rows of which one is in it twice, and some that are there already,
// dearer than they were.
func (r spender) batch(there []*tollgate.Exchange) (batch []*tollgate.Exchange) {
	for range 1 + r.IntN(20) {
		batch = append(batch, r.row())
	}
	batch = append(batch, batch[r.IntN(len(batch))])
	for range min(len(there), r.IntN(5)) {
		dearer := *there[r.IntN(len(there))]
		dearer.Cost++
		batch = append(batch, &dearer)
	}
	r.Shuffle(len(batch), func(i, j int) { batch[i], batch[j] = batch[j], batch[i] })
	return batch
}

// rule is some budget.
func (r spender) rule() tollgate.Budget {
	b := budget(someScopes[r.IntN(len(someScopes))])
	b.Period = []tollgate.Period{tollgate.PeriodDay, tollgate.PeriodWeek, tollgate.PeriodMonth, tollgate.PeriodTotal}[r.IntN(4)]
	b.Models = [][]string{nil, {"claude-opus-5-5"}, {"claude-haiku-*", "x"}}[r.IntN(3)]
	b.Each = b.Scope.HasMembers() && r.IntN(2) > 0
	b.Hard = r.IntN(2) > 0
	b.CreatedAt = start.Add(-time.Duration(r.IntN(30)) * 24 * time.Hour)
	return b
}

// CountersFollowRows holds promise 4: whatever happens to rows, budgets and the
// time zone, in however many processes, what has been spent is what the rows
// add up to. The stores are of one database.
func CountersFollowRows(t *testing.T, stores ...*store.Store) {
	ctx := t.Context()
	r := newSpender(t)
	any := func() *store.Store { return stores[r.IntN(len(stores))] }
	people(t, stores[0])
	zone := time.UTC
	var rows []*tollgate.Exchange
	budgets := []tollgate.Budget{set(t, any(), r.rule()), set(t, any(), r.rule())}
	for range 50 {
		switch r.IntN(10) {
		case 0, 1:
			set(t, any(), r.rule())
		case 2:
			if len(budgets) > 2 {
				must(t, any().RemoveBudget(ctx, budgets[r.IntN(len(budgets))].ID))
			}
		case 3:
			var err error
			zone, err = time.LoadLocation(zones[r.IntN(len(zones))])
			must(t, err)
			must(t, any().SetTimeZone(ctx, zone.String()))
		default:
			must(t, any().Append(ctx, r.batch(rows)))
		}
		rows = all(t, stores[0])
		var err error
		budgets, err = any().Budgets(ctx)
		must(t, err)
		wantCounted(t, any(), budgets, rows, zone)
	}
}

// wantCounted compares all counters with the rows.
func wantCounted(t *testing.T, s *store.Store, budgets []tollgate.Budget, rows []*tollgate.Exchange, zone *time.Location) {
	t.Helper()
	book, err := s.BudgetBook(t.Context(), time.Time{}, nil)
	must(t, err)
	got, wanted := figures(book.Counters), figures(counted(budgets, rows, zone))
	if slices.Equal(got, wanted) {
		return
	}
	for _, each := range wanted {
		if !slices.Contains(got, each) {
			t.Errorf("the rows make %s", each)
		}
	}
	for _, each := range got {
		if !slices.Contains(wanted, each) {
			t.Errorf("there is %s", each)
		}
	}
	t.FailNow()
}

// counted is what rows have taken from budgets, one by one.
func counted(budgets []tollgate.Budget, rows []*tollgate.Exchange, zone *time.Location) []tollgate.BudgetCounter {
	found := map[string]tollgate.BudgetCounter{}
	for _, b := range budgets {
		for _, x := range rows {
			member, yes := b.Counts(x.Principal, tollgate.BareModel(x.Model))
			begin, end := b.Period.Window(x.Time, zone)
			if !yes || x.Cost == 0 || !end.IsZero() && !end.After(b.CreatedAt) {
				continue
			}
			key := b.ID + member.String() + begin.UTC().String()
			c := tollgate.BudgetCounter{Budget: b.ID, Member: member, Start: begin, End: end, Spent: found[key].Spent + x.Cost}
			found[key] = c
		}
	}
	return slices.Collect(maps.Values(found))
}

func figures(counters []tollgate.BudgetCounter) (texts []string) {
	for _, c := range counters {
		texts = append(texts, fmt.Sprintf("%s %s %s %s %d", c.Budget, c.Member, c.Start.UTC(), c.End.UTC(), int64(c.Spent)))
	}
	slices.SortFunc(texts, cmp.Compare)
	return texts
}

// NoRowIsCountedTwice holds promise 4: a batch of which nobody knows whether it
// was committed is appended again, and one that failed leaves nothing behind.
func NoRowIsCountedTwice(t *testing.T, s *store.Store) {
	ctx := t.Context()
	people(t, s)
	b := set(t, s, budget(orgScope))
	row := func() *tollgate.Exchange {
		x := exchange(start)
		x.Principal, x.Cost = tollgate.Principal{Key: "k-ci", Service: "ci"}, tollgate.Dollar
		return x
	}
	one, two, bad := row(), row(), row()
	bad.ID = ""
	for _, batch := range [][]*tollgate.Exchange{{one}, {one}, {one, one, two, two}, {two, one}} {
		must(t, s.Append(ctx, batch))
	}
	if s.Append(ctx, []*tollgate.Exchange{row(), bad}) == nil {
		t.Error("a row without an id was stored")
	}
	end := start.Truncate(24 * time.Hour).Add(24 * time.Hour)
	book, err := s.BudgetBook(ctx, start, nil)
	must(t, err)
	want(t, "counters", book.Counters, []tollgate.BudgetCounter{{Budget: b.ID, Start: end.Add(-24 * time.Hour), End: end, Spent: 2 * tollgate.Dollar}})
}

// CountersFollowRowsAtOnce holds promise 4 while budgets come and go under the
// feet of those who add rows.
func CountersFollowRowsAtOnce(t *testing.T, stores ...*store.Store) {
	const writers, batches = 3, 15
	ctx := t.Context()
	people(t, stores[0])
	var group sync.WaitGroup
	for n := range writers {
		r, s := newSpender(t), stores[n%len(stores)]
		group.Go(func() {
			for range batches {
				if err := s.Append(ctx, r.batch(nil)); err != nil {
					t.Error(err)
				}
			}
		})
		group.Go(func() {
			r := newSpender(t)
			for range batches {
				b, err := s.SetBudget(ctx, r.rule())
				if err == nil && r.IntN(3) == 0 {
					err = s.RemoveBudget(ctx, b.ID)
				}
				if err != nil && !tollgate.IsKind(err, tollgate.NotFound) { // another one was faster
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	budgets, err := stores[0].Budgets(ctx)
	must(t, err)
	wantCounted(t, stores[0], budgets, all(t, stores[0]), time.UTC)
}

// Days of 23 and 25 hours begin and end where the calendar says.
func testChangeOfClocks(t *testing.T, s *store.Store) {
	ctx := t.Context()
	people(t, s)
	must(t, s.SetTimeZone(ctx, "Europe/Berlin"))
	b := budget(orgScope)
	b.CreatedAt = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	b = set(t, s, b)
	hours := map[string]tollgate.Money{}
	for _, day := range []time.Time{time.Date(2026, 3, 27, 12, 0, 0, 0, time.UTC), time.Date(2026, 10, 23, 12, 0, 0, 0, time.UTC)} {
		for hour := range 100 { // each costs a dollar, so that a day costs what it has hours
			x := exchange(day.Add(time.Duration(hour) * time.Hour))
			x.Cost = tollgate.Dollar
			must(t, s.Append(ctx, []*tollgate.Exchange{x}))
		}
	}
	book, err := s.BudgetBook(ctx, time.Time{}, nil)
	must(t, err)
	for _, c := range book.Counters {
		if c.Budget == b.ID {
			hours[c.Start.Format("01-02T15:04")] = c.Spent / tollgate.Dollar
		}
		want(t, "length of the day", c.End.Sub(c.Start) >= time.Duration(c.Spent/tollgate.Dollar)*time.Hour, true)
	}
	for day, length := range map[string]tollgate.Money{"03-27T23:00": 24, "03-28T23:00": 23, "03-29T22:00": 24, "10-23T22:00": 24, "10-24T22:00": 25, "10-25T23:00": 24} {
		want(t, "hours of the day that begins "+day, hours[day], length)
	}
}

// The book has the windows that may still be in force, the rows that were asked
// about, and the two agree.
func testBudgetBook(t *testing.T, s *store.Store) {
	ctx := t.Context()
	people(t, s)
	day, total := budget(orgScope), budget(orgScope)
	total.Period, total.CreatedAt = tollgate.PeriodTotal, start.Add(time.Second)
	day, total = set(t, s, day), set(t, s, total)
	var rows []*tollgate.Exchange
	var ids []string
	for n := range 1200 {
		x := exchange(start.Add(time.Duration(n%2) * 24 * time.Hour))
		x.Cost = tollgate.Money(n)
		rows, ids = append(rows, x), append(ids, x.ID)
	}
	stored := rows[:1100]
	must(t, s.Append(ctx, stored))
	costs, err := s.Settled(ctx, ids)
	must(t, err)
	book, err := s.BudgetBook(ctx, start.Add(16*time.Hour), func() []string { return ids })
	must(t, err)
	want(t, "budgets", book.Budgets, []tollgate.Budget{day, total})
	want(t, "rows that are stored", [2]int{len(book.Stored), len(costs)}, [2]int{1100, 1100})
	for _, x := range stored {
		want(t, "row", [2]any{costs[x.ID], book.Stored[x.ID]}, [2]any{x.Cost, true})
	}
	for hours, counters := range map[time.Duration]int{16: 3, 17: 2, 40: 2, 41: 1, 10_000: 1} { // two hours after the end
		book, err := s.BudgetBook(ctx, start.Add(hours*time.Hour), nil)
		must(t, err)
		want(t, fmt.Sprintf("counters after %d hours", hours), len(book.Counters), counters)
	}
	late := exchange(start)
	late.Cost = 1_000_000
	book, err = s.BudgetBook(ctx, start.Add(10_000*time.Hour), func() []string {
		must(t, s.Append(ctx, []*tollgate.Exchange{late}))
		return []string{late.ID, ids[0]}
	})
	must(t, err)
	want(t, "rows at the moment of the counters", book.Stored, map[string]bool{ids[0]: true})
	want(t, "what they have cost", book.Counters[0].Spent, 1099*1100/2)
	costs, err = s.Settled(ctx, nil)
	must(t, err)
	want(t, "costs of nothing", costs, map[string]tollgate.Money{})
}

// A zone that nobody knows is refused, and what there is stays.
func testTimeZoneRefused(t *testing.T, s *store.Store) {
	must(t, s.SetTimeZone(t.Context(), "Europe/Berlin"))
	wantKind(t, s.SetTimeZone(t.Context(), "Mars/Olympus"), tollgate.Invalid)
	noted, err := s.TimeZone(t.Context())
	must(t, err)
	want(t, "time zone", noted, "Europe/Berlin")
}
