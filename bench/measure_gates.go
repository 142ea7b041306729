package main

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"time"

	"tollgate"
	"tollgate/internal/policy/budget"
	"tollgate/internal/policy/limit"
	"tollgate/internal/policy/recent"
)

// The company whose rules are measured. Ten budgets and ten limits apply to
// each of its requests.
const (
	developers = 10_000
	teams      = 1_000
	rulesEach  = 10
)

// gateResult is what admission and settlement take, for each request.
type gateResult struct {
	budgets, limits, recent, all gateSample
}

type gateSample struct {
	micros  sample
	garbage sample // bytes
}

// gates are the parts that a request meets.
type gates struct {
	people  []tollgate.Principal
	budgets *budget.Keeper
	limits  *limit.Limiter
	recent  *recent.Memory
	now     time.Time
}

func measureGates(_ context.Context, o options, r *results) error {
	progress("gates")
	g := newGates()
	for _, each := range []struct {
		into *gateSample
		turn func(int)
	}{
		{&r.gates.budgets, g.pay},
		{&r.gates.limits, g.pace},
		{&r.gates.recent, g.remember},
		{&r.gates.all, func(i int) { g.remember(i); g.pace(i); g.pay(i) }},
	} {
		for i := range developers { // everybody has been here before
			each.turn(i)
		}
		for range o.effort.pairs {
			if err := each.into.measure(each.turn); err != nil {
				return err
			}
		}
	}
	return nil
}

// gateTurns is how many requests one figure is of.
const gateTurns = 200_000

// measure takes processor time: this machine is not ours alone.
func (s *gateSample) measure(turn func(int)) error {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began, err := used("self")
	if err != nil {
		return err
	}
	for i := range gateTurns {
		turn(i)
	}
	ended, err := used("self")
	runtime.ReadMemStats(&after)
	s.micros = append(s.micros, float64((ended-began).Nanoseconds())/1000/gateTurns)
	s.garbage = append(s.garbage, float64(after.TotalAlloc-before.TotalAlloc)/gateTurns)
	return err
}

func newGates() *gates {
	now := time.Now()
	clock := func() time.Time { return now }
	g := &gates{now: now, budgets: budget.New(time.UTC, clock), limits: limit.New(clock), recent: recent.New()}
	var budgets []tollgate.Budget
	var limits []tollgate.Limit
	add := func(scope tollgate.Scope, each bool, models ...string) {
		periods := []tollgate.Period{tollgate.PeriodDay, tollgate.PeriodWeek, tollgate.PeriodMonth, tollgate.PeriodTotal}
		budgets = append(budgets, tollgate.Budget{
			ID: fmt.Sprint("bgt_", len(budgets)), Scope: scope, Amount: 1 << 60, Period: periods[len(budgets)%4], Each: each,
			Hard: true, Enforce: tollgate.EnforceExpected, Models: models,
		})
		limits = append(limits, tollgate.Limit{
			ID: fmt.Sprint("lim_", len(limits)), Scope: scope, Each: each, Models: models,
			RequestsPerMinute: 1 << 40, InputTokensPerMinute: 1 << 40, OutputTokensPerMinute: 1 << 40, Concurrent: 1 << 40,
		})
	}
	org := tollgate.Scope{Kind: tollgate.ScopeOrg}
	add(org, false)
	add(org, false, "claude-opus-*")
	add(org, true)
	add(org, true, "claude-sonnet-*", "claude-opus-*")
	for i := range teams {
		team := tollgate.Scope{Kind: tollgate.ScopeTeam, Name: fmt.Sprint("team-", i)}
		add(team, false)
		add(team, true)
		add(team, true, "claude-opus-*")
	}
	for i := range developers {
		who := tollgate.Principal{Key: fmt.Sprint("key-", i), Developer: fmt.Sprintf("developer-%d@example.com", i), Team: fmt.Sprint("team-", i%teams)}
		add(tollgate.Scope{Kind: tollgate.ScopeDeveloper, Name: who.Developer}, false)
		add(tollgate.Scope{Kind: tollgate.ScopeDeveloper, Name: who.Developer}, false, "claude-opus-*")
		add(tollgate.Scope{Kind: tollgate.ScopeKey, Name: who.Key}, false)
		g.people = append(g.people, who)
	}
	g.budgets.Read().Load(budget.State{Budgets: budgets})
	g.limits.Load(limits)
	return g
}

const gateModel = "claude-opus-5-5"

// who is somebody else in each turn, far from the one before in memory.
func (g *gates) who(turn int) tollgate.Principal { return g.people[turn*7919%developers] }

func (g *gates) pay(turn int) {
	hold, err := g.budgets.Admit(budget.Ask{ID: "req", Who: g.who(turn), Model: gateModel, At: g.now, Expected: 60_000_000, Most: 3_000_000_000})
	if err != nil {
		panic(err) // there is room
	}
	hold.Settle(50_000_000)
}

func (g *gates) pace(turn int) {
	grant, err := g.limits.Admit(limit.Ask{Who: g.who(turn), Model: gateModel, Operation: tollgate.Messages, Input: 5_000, Output: 500})
	if err != nil {
		panic(err)
	}
	grant.Settle(tollgate.Tokens{Input: 4_000, CacheRead: 100_000, Output: 700})
}

func (g *gates) remember(turn int) {
	who := g.who(turn)
	g.recent.Expect(who.Developer, who.Key, gateModel)
	g.recent.Learn(who.Developer, who.Key, gateModel, recent.Sample{Cost: 50_000_000, Input: 4_000, Output: 700})
}

var aimGates = aim{5, "≤ 5 µs"}

func reportGates(out *bytes.Buffer, r gateResult) {
	if len(r.all.micros) == 0 {
		return
	}
	fmt.Fprintf(out, "\n## Money and limits\n\nProcessor time of admission and settlement of one request in the register of %d developers in %d teams, when %d budgets and %d limits apply to it, "+
		"and what it consumed is remembered. Every turn is somebody else's.\n\n", developers, teams, rulesEach, rulesEach)
	table(out, "", "µs", "Aim", "Garbage, bytes")
	row(out, fmt.Sprintf("%d budgets", rulesEach), r.budgets.micros.text(2), aimGates.of(r.budgets.micros.median()), r.budgets.garbage.text(0))
	row(out, fmt.Sprintf("%d limits", rulesEach), r.limits.micros.text(2), aimGates.of(r.limits.micros.median()), r.limits.garbage.text(0))
	row(out, "what requests lately consumed", r.recent.micros.text(2), "", r.recent.garbage.text(0))
	row(out, "all together", r.all.micros.text(2), aimGates.of(r.all.micros.median()), r.all.garbage.text(0))
}
