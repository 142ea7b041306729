package admin

import (
	"cmp"
	"context"
	"slices"
	"time"

	"tollgate"
	"tollgate/api"
)

// Account is a budget and where it stands.
type Account struct {
	tollgate.Budget
	States []tollgate.BudgetState // the fullest first
	At     time.Time
	Zone   *time.Location // where periods begin
}

// SetBudget says how much may be spent on the requests of a scope. A budget
// that is there already for the same is changed, with all that was spent from
// it. What it answers is in force.
func (s *Service) SetBudget(ctx context.Context, caller Caller, input api.NewBudget) (Account, error) {
	if err := s.authorize(caller, setBudget); err != nil {
		return Account{}, err
	}
	budget, err := s.draftBudget(input)
	if err != nil {
		return Account{}, err
	}
	ctx = context.WithoutCancel(ctx)
	stored, err := s.register.SetBudget(ctx, budget)
	if s.noted(ctx, caller, setBudget, stored.ID, err, describeBudget(stored)...) != nil {
		return Account{}, err
	}
	return s.inForce(ctx, stored, "budget "+stored.ID+" is stored")
}

// draftBudget is the budget that is asked for. Whether its scope is there is for
// the register to say.
func (s *Service) draftBudget(input api.NewBudget) (tollgate.Budget, error) {
	budget := tollgate.Budget{
		ID: tollgate.NewBudgetID(), Amount: tollgate.Money(input.AmountNanoUSD), Period: tollgate.Period(input.Period), Each: input.Each,
		Hard: input.Hard == nil || *input.Hard, Enforce: cmp.Or(tollgate.Enforcement(input.Enforce), tollgate.EnforceExpected), CreatedAt: s.now(),
	}
	err := firstError(
		func() (err error) { budget.Scope, err = parseScope(input.Scope); return err },
		func() error { return checkEach(budget.Scope, budget.Each) },
		func() error { return checkSum(budget) },
		func() (err error) { budget.Models, err = modelSet(input.Models); return err },
		func() error { return checkEnforcement(budget) },
		func() (err error) { budget.Alerts, err = thresholds(input.AlertAt); return err },
	)
	return budget, err
}

// checkSum looks at how much there may be spent and in which time.
func checkSum(budget tollgate.Budget) error {
	if budget.Amount < 0 {
		return tollgate.Errorf(tollgate.Invalid, "an amount cannot be negative; 0 allows nothing")
	}
	if !budget.Period.Known() {
		return tollgate.Errorf(tollgate.Invalid, "a period is day, week, month or total, not %q", string(budget.Period))
	}
	return nil
}

func checkEnforcement(budget tollgate.Budget) error {
	if budget.Enforce != tollgate.EnforceExpected && budget.Enforce != tollgate.EnforceStrict {
		return tollgate.Errorf(tollgate.Invalid, "a budget is enforced as expected or as strict, not as %q", string(budget.Enforce))
	}
	if !budget.Hard && budget.Enforce == tollgate.EnforceStrict {
		return tollgate.Errorf(tollgate.Invalid, "a soft budget refuses nothing, so that it cannot be strict; leave one of the two out")
	}
	return nil
}

// Bounds on the percentages at which somebody is told. Those above 100 are of
// use where a budget is soft.
const (
	maxThreshold  = 1000
	maxThresholds = 20
)

// thresholds are percentages, checked, in rising order. nil are those of the
// configuration, an empty list is nobody being told.
func thresholds(percentages *[]int) ([]int, error) {
	if percentages == nil {
		return nil, nil
	}
	for _, percentage := range *percentages {
		if percentage < 1 || percentage > maxThreshold {
			return nil, tollgate.Errorf(tollgate.Invalid, "alerts are at percentages of the limit from 1 to %d, not at %d", maxThreshold, percentage)
		}
	}
	rising := append([]int{}, *percentages...)
	slices.Sort(rising)
	if rising = slices.Compact(rising); len(rising) > maxThresholds {
		return nil, tollgate.Errorf(tollgate.Invalid, "a budget has alerts at no more than %d percentages, not at %d", maxThresholds, len(rising))
	}
	return rising, nil
}

// Budget looks one budget up.
func (s *Service) Budget(ctx context.Context, caller Caller, id string) (Account, error) {
	if err := s.authorize(caller, readBudget); err != nil {
		return Account{}, err
	}
	budget, err := s.register.Budget(ctx, id)
	if err != nil {
		return Account{}, err
	}
	return s.account(budget, s.rules.BudgetStates(id)), nil
}

// Budgets lists all budgets.
func (s *Service) Budgets(ctx context.Context, caller Caller) ([]Account, error) {
	if err := s.authorize(caller, readBudget); err != nil {
		return nil, err
	}
	budgets, err := s.register.Budgets(ctx)
	if err != nil {
		return nil, err
	}
	states := map[string][]tollgate.BudgetState{}
	for _, state := range s.rules.BudgetStates("") {
		states[state.Budget.ID] = append(states[state.Budget.ID], state)
	}
	accounts := make([]Account, len(budgets))
	for i, budget := range budgets {
		accounts[i] = s.account(budget, states[budget.ID])
	}
	return accounts, nil
}

// account puts a budget and its states together.
func (s *Service) account(budget tollgate.Budget, states []tollgate.BudgetState) Account {
	slices.SortFunc(states, func(a, b tollgate.BudgetState) int {
		return cmp.Or(cmp.Compare(b.Utilisation(), a.Utilisation()), cmp.Compare(a.Member.Name, b.Member.Name), cmp.Compare(a.Member.Kind, b.Member.Kind))
	})
	return Account{Budget: budget, States: states, At: s.now(), Zone: s.zone}
}

// RemoveBudget takes a budget away. What was spent stays in the ledger.
func (s *Service) RemoveBudget(ctx context.Context, caller Caller, id string) error {
	if err := s.authorize(caller, removeBudget); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	budget, err := s.register.Budget(ctx, id)
	if err == nil {
		err = s.register.RemoveBudget(ctx, id)
	}
	if s.noted(ctx, caller, removeBudget, id, err, describeBudget(budget)...) != nil {
		return err
	}
	return s.budgets.changed(ctx, "budget "+id+" is removed")
}

// inForce puts a change in force and tells where the budget stands with it.
func (s *Service) inForce(ctx context.Context, stored tollgate.Budget, what string) (Account, error) {
	if err := s.budgets.changed(ctx, what); err != nil {
		return Account{}, err
	}
	return s.account(stored, s.rules.BudgetStates(stored.ID)), nil
}

// describeBudget is what the log says of a budget beside its id.
func describeBudget(budget tollgate.Budget) []any {
	return []any{"scope", budget.Scope.String(), "amount", budget.Amount.String(), "period", string(budget.Period), "each", budget.Each, "hard", budget.Hard}
}
