package budget

import (
	"testing"
	"time"

	"tollgate"
)

// TestPromise4_AClockThatWasWrong: it goes ahead for a while and comes back.
// What had been spent on the day is still known.
func TestPromise4_AClockThatWasWrong(t *testing.T) {
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	now := noon
	k := New(time.UTC, func() time.Time { return now })
	k.Read().Load(State{Budgets: []tollgate.Budget{
		{ID: "day", Scope: tollgate.Scope{Kind: "org"}, Amount: 10, Period: tollgate.PeriodDay, Hard: true, Enforce: tollgate.EnforceStrict},
	}})
	spend := func() error {
		hold, err := k.Admit(Ask{ID: "r", Who: people[0], At: now, Most: 10})
		hold.Settle(10)
		return err
	}
	if err := spend(); err != nil {
		t.Fatal(err)
	}
	now = noon.AddDate(0, 1, 0)
	if err := spend(); err != nil {
		t.Fatal(err)
	}
	now = noon
	if err := spend(); err == nil {
		t.Error("what was spent on the day is forgotten")
	}
}

// TestOldCountersAreForgotten, so that their number does not grow with time.
func TestOldCountersAreForgotten(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	k := New(time.UTC, func() time.Time { return now })
	k.Read().Load(State{Budgets: []tollgate.Budget{{ID: "each", Scope: tollgate.Scope{Kind: "org"}, Period: tollgate.PeriodDay, Each: true}}})
	for range 100 {
		now = now.AddDate(0, 0, 1)
		for _, who := range people {
			hold, err := k.Admit(Ask{ID: "r", Who: who, At: now, Most: 10})
			if err != nil {
				t.Fatal(err)
			}
			hold.Settle(10)
		}
	}
	if kept := len(k.book.rules[0].counters); kept > 3*len(people) {
		t.Errorf("%d counters are kept of %d people", kept, len(people))
	}
}
