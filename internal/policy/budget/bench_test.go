package budget

import (
	"fmt"
	"testing"
	"time"

	"tollgate"
)

// company is a register of 10,000 developers in 1,000 teams, each of whose
// requests is paid from ten budgets.
func company() (budgets []tollgate.Budget, people []tollgate.Principal) {
	add := func(scope tollgate.Scope, period tollgate.Period, each bool, models ...string) {
		budgets = append(budgets, tollgate.Budget{
			ID: fmt.Sprint("bgt_", len(budgets)), Scope: scope, Amount: 1 << 50, Period: period, Hard: true, Each: each,
			Enforce: tollgate.EnforceExpected, Models: models,
		})
	}
	org := tollgate.Scope{Kind: tollgate.ScopeOrg}
	add(org, tollgate.PeriodMonth, false)
	add(org, tollgate.PeriodDay, false)
	add(org, tollgate.PeriodMonth, true)
	add(org, tollgate.PeriodDay, true)
	add(org, tollgate.PeriodWeek, true, "claude-opus-*", "claude-sonnet-*")
	for i := range 1000 {
		team := tollgate.Scope{Kind: tollgate.ScopeTeam, Name: fmt.Sprint("team-", i)}
		add(team, tollgate.PeriodMonth, false)
		add(team, tollgate.PeriodWeek, true)
	}
	for i := range 10_000 {
		who := tollgate.Principal{Key: fmt.Sprint("key", i), Developer: fmt.Sprintf("developer%d@example.com", i), Team: fmt.Sprint("team-", i%1000)}
		developer := tollgate.Scope{Kind: tollgate.ScopeDeveloper, Name: who.Developer}
		add(developer, tollgate.PeriodTotal, false)
		add(developer, tollgate.PeriodDay, false, "claude-opus-*")
		add(tollgate.Scope{Kind: tollgate.ScopeKey, Name: who.Key}, tollgate.PeriodMonth, false)
		people = append(people, who)
	}
	return budgets, people
}

func BenchmarkAdmitSettle(b *testing.B) {
	budgets, people := company()
	now := time.Now()
	k := New(time.UTC, func() time.Time { return now })
	k.Read().Load(State{Budgets: budgets})
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		hold, err := k.Admit(Ask{ID: "req", Who: people[n*7919%len(people)], Model: "claude-opus-5-5", At: now, Expected: 60_000_000, Most: 3_000_000_000})
		if err != nil || len(hold.entry.stakes) != 10 {
			b.Fatal(err, len(hold.entry.stakes))
		}
		hold.Settle(50_000_000)
	}
}
