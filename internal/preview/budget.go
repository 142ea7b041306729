package preview

import (
	"time"

	"tollgate"
	"tollgate/internal/policy/budget"
	"tollgate/internal/policy/recent"
)

// budgetTrial is a budget on trial.
type budgetTrial struct {
	tollgate.Budget
	zone    *time.Location
	clock   *clock
	keeper  *budget.Keeper
	dearest map[string]tollgate.Money // the largest cost so far, by bare model
	reached reached
}

func newBudgetTrial(b tollgate.Budget, spent []tollgate.BudgetCounter, zone *time.Location, clock *clock) *budgetTrial {
	t := &budgetTrial{Budget: b, zone: zone, clock: clock, keeper: budget.New(zone, clock.now), dearest: map[string]tollgate.Money{}}
	t.keeper.Read().Load(budget.State{Budgets: []tollgate.Budget{b}, Counters: spent})
	for _, each := range spent {
		if each.Spent >= b.Amount {
			t.reached.before++
		}
	}
	return t
}

func (t *budgetTrial) scope() tollgate.Scope { return t.Scope }

func (t *budgetTrial) counts(who tollgate.Principal, model string) bool {
	_, counted := t.Counts(who, model)
	return counted
}

// meets: what costs nothing, be it that it only counts tokens or that it failed,
// needs no money.
func (t *budgetTrial) meets(x *tollgate.Exchange) bool {
	return x.Operation == tollgate.Messages && x.Cost > 0
}

// admit expects what the proxy would, or the cost itself before there is
// anything to expect it from. What a request could have cost at most the ledger
// does not know: the dearest one seen so far stands for it.
func (t *budgetTrial) admit(x *tollgate.Exchange, expected recent.Sample, known bool) (func(), error) {
	model := tollgate.BareModel(x.Model)
	t.dearest[model] = max(t.dearest[model], x.Cost)
	ask := budget.Ask{ID: x.ID, Who: x.Principal, Model: model, At: x.Time, Expected: x.Cost, Most: t.dearest[model]}
	if known {
		ask.Expected, ask.Most = expected.Cost, max(expected.Cost, ask.Most)
	}
	hold, err := t.keeper.Admit(ask)
	return func() { t.settle(&hold, x.Cost) }, err
}

func (t *budgetTrial) settle(hold *budget.Hold, cost tollgate.Money) {
	state, _ := hold.Fullest()
	hold.Settle(cost)
	if state.Spent < state.Limit && state.Spent.Plus(cost) >= state.Limit {
		t.reached.add(state.Whom(), t.clock.now())
	}
}

func (t *budgetTrial) notes(refused int64) (notes []string) {
	if !t.Hard {
		return []string{"The budget is soft: it tells and refuses nothing. " + t.reached.sentence(t.zone)}
	}
	if t.Enforce == tollgate.EnforceStrict {
		notes = append(notes, "A strict budget holds the most that a request can cost, which the ledger does not know. The dearest request so far for the same model stands for it here; really more is held, and refusals begin somewhat earlier.")
	}
	if refused > 0 {
		notes = append(notes, "Nobody knows what people would have done whose request is refused. Each one is taken to come as it came, whatever became of the one before.")
	}
	return notes
}
