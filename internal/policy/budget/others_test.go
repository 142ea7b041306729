package budget

import (
	"testing"
	"time"

	"tollgate"
)

// What another process has begun is held for as it would be here, and exposed
// to the most that it can cost.
func TestPromise4_OthersAreHeldFor(t *testing.T) {
	org := tollgate.Scope{Kind: tollgate.ScopeOrg}
	expected := tollgate.Budget{ID: "expected", Scope: org, Amount: 100, Period: tollgate.PeriodTotal, Hard: true, Enforce: tollgate.EnforceExpected}
	strict := tollgate.Budget{ID: "strict", Scope: org, Amount: 100, Period: tollgate.PeriodTotal, Hard: true, Enforce: tollgate.EnforceStrict}
	k := New(time.UTC, time.Now)
	k.Read().Load(State{
		Budgets: []tollgate.Budget{expected, strict},
		Begun:   []Journaled{{ID: "theirs", Who: tollgate.Principal{Key: "k"}, Model: "m", At: time.Now(), Cost: 9, Likely: 3, Most: 9}},
	})
	want := map[string]tollgate.Money{"expected": 3, "strict": 9}
	for _, state := range k.States("") {
		if state.Held != want[state.Budget.ID] || state.Exposed != 9 {
			t.Errorf("%s holds %d and is exposed to %d", state.Budget.ID, state.Held, state.Exposed)
		}
	}
	k.SettleOthers(map[string]tollgate.Money{"theirs": 5, "nobody's": 50})
	for _, state := range k.States("") {
		if state.Held != 0 || state.Exposed != 5 || state.Spent != 5 {
			t.Errorf("%+v", state)
		}
	}
	if len(k.Others()) != 0 {
		t.Errorf("%v are still held for", k.Others())
	}
}
