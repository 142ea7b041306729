package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"tollgate"
	"tollgate/api"
)

// treasury is what was seen of the budgets. Clients spend them faster than they
// are set higher, so that somebody is refused all the time.
type treasury struct {
	mu     sync.Mutex
	wrong  []string                  // where a strict budget did not hold
	passed map[string]tollgate.Money // by how much others were passed at most, by what they are
}

// purse is a budget of the clients' team, and how much of it there is to spend
// for each client when it has been set.
type purse struct {
	api.NewBudget
	rest tollgate.Money
}

// purses are the budgets, all of the same requests.
var purses = []purse{
	{api.NewBudget{Scope: "team:" + team, Period: "total", Enforce: "strict"}, 8 * tollgate.Dollar},
	{api.NewBudget{Scope: "team:" + team, Period: "month", Enforce: "expected"}, tollgate.Dollar},
	{api.NewBudget{Scope: "team:" + team, Period: "day", Enforce: "expected", Each: true}, tollgate.Dollar / 2},
}

// filling is what there is to spend of a budget when it has been set.
func (w *world) filling(p purse) int64 { return int64(p.rest) * int64(w.options.clients) }

// makeRules sets the budgets, and limits that are met now and then.
func (w *world) makeRules(ctx context.Context) error {
	w.treasury.passed = map[string]tollgate.Money{}
	for _, each := range purses {
		each.AmountNanoUSD = w.filling(each)
		if _, err := w.admin.SetBudget(ctx, each.NewBudget); err != nil {
			return err
		}
	}
	concurrent, counts := int64(max(1, w.options.clients/2)), int64(2*w.options.clients)
	_, err := w.admin.SetLimit(ctx, api.NewLimit{Scope: "team:" + team, Concurrent: &concurrent, CountTokensPerMinute: &counts})
	return err
}

// refill sets the budgets higher, again and again, and raises one now and then.
func (w *world) refill(ctx context.Context) {
	for n := 1; pause(ctx, time.Second+rand.N(time.Second)); n++ {
		ctx := context.WithoutCancel(ctx)
		err := untilTaken(ctx, func() error { return w.refillOnce(ctx, n%10 == 0) })
		w.tally.did("budgets set higher")
		if err != nil {
			w.failed("budgets set higher", "%v", withoutAddress(err))
		}
	}
}

func (w *world) refillOnce(ctx context.Context, raise bool) error {
	budgets, err := w.admin.Budgets(ctx)
	if err != nil {
		return err
	}
	for _, state := range budgets.Data {
		w.treasury.see(state)
		n := slices.IndexFunc(purses, func(p purse) bool { return p.Period == state.Period })
		if n < 0 {
			continue
		}
		budget := purses[n].NewBudget
		raised := state.LimitNanoUSD - state.AmountNanoUSD
		budget.AmountNanoUSD = max(state.AmountNanoUSD, spentOf(state)+w.filling(purses[n])-raised)
		if _, err := w.admin.SetBudget(ctx, budget); err != nil {
			return err
		}
		if raise && !state.Each {
			raise := api.NewRaise{ByNanoUSD: int64(tollgate.Dollar), Until: "30d", Reason: "soak"}
			if _, err := w.admin.RaiseBudget(ctx, state.ID, raise); err != nil {
				return err
			}
		}
	}
	return nil
}

// spentOf is what is spent of a budget, by the member who has the least left if
// there are members.
func spentOf(state api.Budget) int64 {
	if !state.Each {
		return state.SpentNanoUSD
	}
	if state.Fullest == nil {
		return 0
	}
	return state.Fullest.SpentNanoUSD
}

// see compares a budget with its limit.
func (t *treasury) see(state api.Budget) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if state.Enforce == "strict" {
		if state.SpentNanoUSD+state.HeldNanoUSD > state.LimitNanoUSD && len(t.wrong) < told {
			t.wrong = append(t.wrong, fmt.Sprintf("%s spent and %s held of %s", tollgate.Money(state.SpentNanoUSD), tollgate.Money(state.HeldNanoUSD), tollgate.Money(state.LimitNanoUSD)))
		}
		return
	}
	t.passed[state.Period] = max(t.passed[state.Period], tollgate.Money(spentOf(state)-state.LimitNanoUSD))
}

// account is what the rows say of the team's money.
type account struct{ spent, dearest tollgate.Money }

func (a *account) add(x *tollgate.Exchange) {
	if x.Team == team {
		a.spent += x.Cost
		a.dearest = max(a.dearest, x.Cost)
	}
}

// judgeHolds asks the gateway at rest.
func (r *report) judgeHolds(ctx context.Context) {
	budgets, err := r.world.admin.Budgets(ctx)
	var held []string
	for _, state := range budgets.Data {
		r.world.treasury.see(state)
		if state.HeldNanoUSD != 0 || state.ExposedNanoUSD != state.SpentNanoUSD {
			held = append(held, fmt.Sprintf("%s of the budget for the %s", tollgate.Money(state.HeldNanoUSD), state.Period))
		}
		if state.Enforce == "strict" {
			r.strict = tollgate.Money(state.LimitNanoUSD)
		}
	}
	if err == nil && len(budgets.Data) != len(purses) {
		err = errors.New("not all budgets are there")
	}
	if err != nil {
		held = append(held, err.Error())
	}
	r.require(len(held) == 0, "at rest nothing is held", orNone(held), "in none of the budgets")
}

// judgeMoney compares the budgets with the rows and with what was seen of them.
// How much a request cost beyond what was held for it is in no row; but none
// cost more than the dearest, and a client has two under way at most: one that
// it has left, which is read to its end, and another.
func (r *report) judgeMoney(team account) {
	t := &r.world.treasury
	strict := t.wrong
	if team.spent > r.strict {
		strict = append(strict, "the rows have passed it")
	}
	r.require(len(strict) == 0, "the strict budget is not passed", fmt.Sprintf("%s in the rows of %s; %s", team.spent.Rounded(), r.strict.Rounded(), orNone(strict)), "neither by the rows nor by what is spent and held, at any moment")
	bound := team.dearest * tollgate.Money(2*r.options.clients)
	r.require(max(t.passed["month"], t.passed["day"]) <= bound, "expected budgets are passed by little",
		fmt.Sprintf("by %s at most, and by %s where each has one", t.passed["month"].Rounded(), t.passed["day"].Rounded()),
		fmt.Sprintf("at most %s: the dearest request of the run, twice for each client", bound.Rounded()))
	poor, fast := r.world.tally.times(refusedForMoney), r.world.tally.times(refusedForPace)
	r.require(poor > 0 && fast > 0, "budgets and limits refuse", fmt.Sprintf("%d requests for want of money, %d for their pace", poor, fast), "some of each")
}
