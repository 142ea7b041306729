package budget

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"tollgate"
)

var gateNoon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// gate is a keeper with budgets of the organisation that are like these.
func gate(like ...tollgate.Budget) *Keeper {
	k := New(time.UTC, func() time.Time { return gateNoon })
	for i := range like {
		b := &like[i]
		if b.Scope == (tollgate.Scope{}) {
			b.Scope.Kind = tollgate.ScopeOrg
		}
		if b.Period == "" {
			b.Period = tollgate.PeriodTotal
		}
	}
	k.Read().Load(State{Budgets: like})
	return k
}

// one asks for a request that is new.
func one(expected, most tollgate.Money) Ask {
	return Ask{ID: tollgate.NewRequestID(gateNoon), Who: people[0], Model: "m", At: gateNoon, Expected: expected, Most: most}
}

func mustAdmit(t *testing.T, k *Keeper, ask Ask) Hold {
	t.Helper()
	hold, err := k.Admit(ask)
	if err != nil {
		t.Fatal(err)
	}
	return hold
}

var (
	strict   = tollgate.Budget{ID: "strict", Amount: 10, Hard: true, Enforce: tollgate.EnforceStrict}
	expected = tollgate.Budget{ID: "expected", Amount: 10, Hard: true, Enforce: tollgate.EnforceExpected}
	soft     = tollgate.Budget{ID: "soft", Amount: 10}
)

func TestRoom(t *testing.T) {
	for _, test := range []struct {
		budget         tollgate.Budget
		spent, held    tollgate.Money
		expected, most tollgate.Money
		amount         tollgate.Money
		ok             bool
	}{
		{strict, 4, 0, 1, 6, 6, true},
		{strict, 4, 0, 1, 7, 7, false},
		{strict, 4, 2, 1, 5, 5, false},
		{strict, 10, 0, 0, 0, 0, false},
		{expected, 4, 0, 6, 99, 6, true},
		{expected, 4, 0, 7, 99, 6, true}, // whoever is alone has what is left
		{expected, 4, 1, 7, 99, 7, false},
		{expected, 4, 1, 5, 99, 5, true},
		{expected, 10, 0, 0, 99, 0, false},
		{expected, 11, 0, 1, 99, 1, false},
		{expected, 4, 6, 0, 99, 0, false},
		{soft, 99, 99, 5, 99, 5, true},
	} {
		r := &rule{Budget: test.budget}
		c := r.newCounter(tollgate.Scope{}, time.Time{}, time.Time{})
		c.spent, c.held = test.spent, test.held
		amount, ok := c.room(&entry{Ask: Ask{Expected: test.expected, Most: test.most}}, gateNoon)
		if ok != test.ok || ok && amount != test.amount {
			t.Errorf("%+v: %d, %v", test, amount, ok)
		}
	}
}

// TestBoundsOfAHold: what is held is neither negative nor so large that sums
// could pass the end, and no more is expected than is possible.
func TestBoundsOfAHold(t *testing.T) {
	k := gate(soft)
	for _, ask := range []Ask{one(-5, -5), one(10, 5), one(math.MaxInt64, math.MaxInt64), one(math.MaxInt64, math.MaxInt64)} {
		mustAdmit(t, k, ask)
	}
	if state := k.States("")[0]; state.Held != 5+2*mostMoney || state.Exposed != 5+2*mostMoney {
		t.Errorf("%+v", state)
	}
}

func TestTheLargestHoldIsNoted(t *testing.T) {
	for _, budgets := range [][]tollgate.Budget{{strict, expected}, {expected, strict}} {
		hold := mustAdmit(t, gate(budgets...), one(2, 7))
		if hold.Amount() != 7 {
			t.Errorf("%d is noted", hold.Amount())
		}
	}
}

// TestAgain: a strict budget has room for another attempt or there is none; an
// expected one is asked once.
func TestAgain(t *testing.T) {
	k := gate(expected)
	hold := mustAdmit(t, k, one(8, 99))
	if err := hold.Again(); err != nil || hold.Amount() != 8 || k.States("")[0].Exposed != 198 {
		t.Errorf("%v, %d held, %+v", err, hold.Amount(), k.States("")[0])
	}
	k = gate(strict)
	hold = mustAdmit(t, k, one(1, 4))
	if err := hold.Again(); err != nil || hold.Amount() != 8 {
		t.Errorf("%v, %d held", err, hold.Amount())
	}
	if err := hold.Again(); !tollgate.IsKind(err, tollgate.OverBudget) || hold.Amount() != 8 {
		t.Errorf("%v, %d held", err, hold.Amount())
	}
	k.Read().Load(State{Budgets: []tollgate.Budget{k.book.rules[0].Budget}})
	if state := k.States("")[0]; state.Held != 8 || state.Exposed != 8 {
		t.Errorf("read anew: %+v", state)
	}
}

func TestRaises(t *testing.T) {
	raised := strict
	raised.Each = true
	raised.Raises = []tollgate.Raise{
		{By: 5, From: gateNoon.Add(-1), Until: gateNoon.Add(1)},
		{By: 50, From: gateNoon.Add(-2), Until: gateNoon},
		{By: 500, From: gateNoon, Until: gateNoon.Add(9), Member: tollgate.Scope{Kind: "developer", Name: people[1].Developer}},
	}
	k := gate(raised)
	for i, most := range []tollgate.Money{15, 515} {
		ask := one(1, most+1)
		ask.Who = people[i]
		if _, err := k.Admit(ask); err == nil {
			t.Errorf("%d was admitted", ask.Most)
		}
		ask.Most = most
		mustAdmit(t, k, ask)
	}
}

// TestTheRefusalNamesWhatResetsLast, whichever stands first.
func TestTheRefusalNamesWhatResetsLast(t *testing.T) {
	day, month, total := strict, strict, strict
	day.Period, month.Period = tollgate.PeriodDay, tollgate.PeriodMonth
	day.ID, month.ID, total.ID = "day", "month", "total"
	for want, budgets := range map[string][]tollgate.Budget{"month": {day, month}, "total": {day, total, month}, "day": {day}} {
		for range 2 {
			var refusal *tollgate.Error
			if _, err := gate(budgets...).Admit(one(11, 11)); err != nil {
				refusal = tollgate.AsError(err)
			}
			if refusal == nil || refusal.Budget.Budget.ID != want {
				t.Errorf("%v, want one by %s", refusal, want)
			}
			slices.Reverse(budgets)
		}
	}
}

// TestARefusalOfYesterday: who was long in coming need not wait until yesterday
// has ended.
func TestARefusalOfYesterday(t *testing.T) {
	day := strict
	day.Period = tollgate.PeriodDay
	ask := one(11, 11)
	ask.At = gateNoon.Add(-24 * time.Hour)
	if _, err := gate(day).Admit(ask); err == nil || tollgate.AsError(err).RetryAfter != time.Second {
		t.Error(err)
	}
}

func TestTheSentenceTellsOfTheHoldWhereThereIsMoney(t *testing.T) {
	k := gate(strict)
	_, err := k.Admit(one(1, 11))
	hold := mustAdmit(t, k, one(1, 10))
	_, held := k.Admit(one(1, 1))
	hold.Settle(10)
	_, spent := k.Admit(one(1, 1))
	const most = "the most that a request can cost"
	if err == nil || held == nil || spent == nil {
		t.Fatal(err, held, spent)
	}
	if !strings.Contains(err.Error(), most) || !strings.Contains(err.Error(), "has no room") {
		t.Error(err)
	}
	if !strings.Contains(held.Error(), "held by requests under way") {
		t.Error(held)
	}
	if strings.Contains(spent.Error(), most) || !strings.Contains(spent.Error(), "is spent:") {
		t.Error(spent)
	}
}

func TestFullest(t *testing.T) {
	wide := soft
	wide.ID, wide.Amount = "wide", 100
	for _, budgets := range [][]tollgate.Budget{{soft, wide}, {wide, soft}} {
		k := gate(budgets...)
		paid := mustAdmit(t, k, one(5, 5))
		paid.Settle(5)
		hold := mustAdmit(t, k, one(5, 5))
		if state, any := hold.Fullest(); !any || state.Budget.ID != "soft" {
			t.Errorf("%+v, %v", state, any)
		}
	}
}

// TestAKeyMayChangeTeams while it is in use.
func TestAKeyMayChangeTeams(t *testing.T) {
	teams := strict
	teams.Scope = tollgate.Scope{Kind: tollgate.ScopeTeam, Name: "team1"}
	k := gate(teams)
	ask := one(1, 11)
	if k.Concern(ask.Who) {
		t.Error("it is of another team")
	}
	mustAdmit(t, k, ask)
	ask.Who.Team = "team1"
	if _, err := k.Admit(ask); err == nil || !k.Concern(ask.Who) {
		t.Error("its budget is still that of the team before")
	}
}

// TestJournalsMayRepeatThemselves: what was written again is counted once.
func TestJournalsMayRepeatThemselves(t *testing.T) {
	k := gate(strict)
	journaled := func(id string, cost tollgate.Money) Journaled {
		return Journaled{ID: id, Who: people[0], Model: "m", At: gateNoon, Cost: cost}
	}
	k.Read().Load(State{
		Budgets: []tollgate.Budget{k.book.rules[0].Budget},
		Ended:   []Journaled{journaled("ended", 3), journaled("ended", 3)},
		Begun:   []Journaled{journaled("ended", 1), journaled("sent twice", 1), journaled("sent twice", 2)},
	})
	if state := k.States("")[0]; state.Spent != 3 || state.Held != 2 {
		t.Errorf("%+v", state)
	}
	k.SettleOthers(map[string]tollgate.Money{"sent twice": 1, "ended": 9})
	if state := k.States("")[0]; state.Spent != 4 || state.Held != 0 || len(k.Others()) != 0 {
		t.Errorf("%+v, and others %q", state, k.Others())
	}
}

// TestLeavingLate ends no other reading.
func TestLeavingLate(t *testing.T) {
	k := gate(strict)
	first := k.Read()
	first.Leave()
	second := k.Read()
	first.Leave()
	hold := mustAdmit(t, k, one(1, 4))
	hold.Settle(4)
	second.Load(State{Budgets: []tollgate.Budget{k.book.rules[0].Budget}})
	if state := k.States("")[0]; state.Spent != 4 {
		t.Errorf("%+v", state)
	}
}

// TestStatesAreOfTheWindowsThatRun, and a window in which money is held is not
// forgotten.
func TestStatesAreOfTheWindowsThatRun(t *testing.T) {
	each := soft
	each.Each, each.Period = true, tollgate.PeriodDay
	k := gate(each)
	now := gateNoon
	k.now = func() time.Time { return now }
	for range 5 {
		ask := one(5, 5)
		ask.At = now
		mustAdmit(t, k, ask)
		if states := k.States(""); len(states) != 1 || states[0].Held != 5 {
			t.Errorf("%s: %+v", now, states)
		}
		now = now.AddDate(0, 0, 1)
	}
	if kept := len(k.book.rules[0].counters); kept != 5 {
		t.Errorf("%d windows are kept of 5 in which money is held", kept)
	}
	if states := k.States("another"); len(states) != 0 {
		t.Errorf("%+v", states)
	}
}
