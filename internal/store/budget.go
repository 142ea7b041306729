package store

import (
	"context"
	"database/sql"

	"tollgate"
)

const selectBudget = `
	SELECT id, scope, period, models, each_member, hard, amount_nano_usd, enforce, alerts, created_at
	FROM budget`

// SetBudget makes a budget and returns it as it is stored. Where there is one
// for the same scope, period and models that is as hard and as shared, its
// amount, enforcement and alerts change, and nothing else does. Whoever the
// scope names must be there. A new budget begins with what its current window,
// the one of its creation, has been charged for already.
func (s *Store) SetBudget(ctx context.Context, budget tollgate.Budget) (stored tollgate.Budget, err error) {
	budget.Models = setOf(budget.Models)
	if budget.Enforce == "" {
		budget.Enforce = tollgate.EnforceExpected
	}
	if err := soundBudget(&budget); err != nil {
		return tollgate.Budget{}, err
	}
	err = s.amend(ctx, func(tx *sql.Tx, about *amendment) error {
		if err := scopeThere(ctx, tx, budget.Scope); err != nil {
			return err
		}
		before, id, err := keepBudget(ctx, tx, budget)
		if err != nil {
			return err
		}
		stored, err = budgetBy(ctx, tx, id)
		*about = amendment{action: "budget.set", object: id, before: before, after: stored}
		return err
	})
	if err != nil {
		return tollgate.Budget{}, err
	}
	return stored, nil
}

// soundBudget is Invalid for what would be no budget.
func soundBudget(b *tollgate.Budget) error {
	switch {
	case b.Amount < 0:
		return tollgate.Errorf(tollgate.Invalid, "a budget of %s is less than nothing; give an amount of 0 or more", b.Amount)
	case !b.Period.Known():
		return tollgate.Errorf(tollgate.Invalid, "%q is no period; write day, week, month or total", string(b.Period))
	case b.Enforce != tollgate.EnforceExpected && b.Enforce != tollgate.EnforceStrict:
		return tollgate.Errorf(tollgate.Invalid, "%q is no way to enforce a budget; write expected or strict", string(b.Enforce))
	case b.Each && !b.Scope.HasMembers():
		return tollgate.Errorf(tollgate.Invalid, "a key has no members that could have a budget each; leave that out")
	}
	return nil
}

// keepBudget changes the budget that is there, which it returns as it was, or
// adds it.
func keepBudget(ctx context.Context, tx *sql.Tx, b tollgate.Budget) (before any, id string, err error) {
	const same = " WHERE scope = ? AND period = ? AND models = ? AND each_member = ? AND hard = ?"
	there, err := find(ctx, tx, scanBudget, selectBudget+same, b.Scope.String(), string(b.Period), jsonList(b.Models), bit(b.Each), bit(b.Hard))
	if err != nil {
		return nil, "", err
	}
	if len(there) == 0 {
		return nil, b.ID, addBudget(ctx, tx, b)
	}
	was, err := budgetBy(ctx, tx, there[0].ID) // with its raises
	if err != nil {
		return nil, "", err
	}
	_, err = tx.ExecContext(ctx, "UPDATE budget SET amount_nano_usd = ?, enforce = ?, alerts = ? WHERE id = ?",
		int64(b.Amount), string(b.Enforce), alertList(b.Alerts), there[0].ID)
	return was, there[0].ID, err
}

// addBudget adds a budget with the counters that it begins with.
func addBudget(ctx context.Context, tx *sql.Tx, b tollgate.Budget) error {
	if err := catchUp(ctx, tx); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO budget (id, scope, period, models, each_member, hard, amount_nano_usd, enforce, alerts, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		b.ID, b.Scope.String(), string(b.Period), jsonList(b.Models), bit(b.Each), bit(b.Hard),
		int64(b.Amount), string(b.Enforce), alertList(b.Alerts), micros(b.CreatedAt))
	switch violated(err) {
	case duplicate:
		return tollgate.Errorf(tollgate.Conflict, "budget %q exists already", b.ID)
	case malformed:
		return tollgate.Errorf(tollgate.Invalid, "a new budget needs an id and the time of its creation")
	}
	if err != nil {
		return err
	}
	return beginCounting(ctx, tx, b)
}

// Budget looks one budget up, with its raises.
func (s *Store) Budget(ctx context.Context, id string) (budget tollgate.Budget, err error) {
	err = s.view(ctx, func(tx *sql.Tx) error {
		budget, err = budgetBy(ctx, tx, id)
		return err
	})
	return budget, err
}

func budgetBy(ctx context.Context, from querier, id string) (tollgate.Budget, error) {
	budgets, err := budgetsWhere(ctx, from, "id = ?", id)
	if err == nil && len(budgets) == 0 {
		err = noBudget(id)
	}
	if err != nil {
		return tollgate.Budget{}, err
	}
	return budgets[0], nil
}

// Budgets lists all budgets with their raises, oldest first.
func (s *Store) Budgets(ctx context.Context) (budgets []tollgate.Budget, err error) {
	err = s.view(ctx, func(tx *sql.Tx) error {
		budgets, err = allBudgets(ctx, tx)
		return err
	})
	return budgets, err
}

func allBudgets(ctx context.Context, from querier) ([]tollgate.Budget, error) {
	return budgetsWhere(ctx, from, "1 = 1")
}

// budgetsWhere selects budgets with their raises: two questions, whatever their
// number. The condition is ours, never a user's.
func budgetsWhere(ctx context.Context, from querier, condition string, args ...any) ([]tollgate.Budget, error) {
	budgets, err := find(ctx, from, scanBudget, selectBudget+" WHERE "+condition+" ORDER BY created_at, id", args...)
	if err != nil {
		return nil, err
	}
	raises, err := find(ctx, from, scanRaise, selectRaise+" WHERE budget IN (SELECT id FROM budget WHERE "+condition+") ORDER BY from_time, id", args...)
	if err != nil {
		return nil, err
	}
	of := map[string][]tollgate.Raise{}
	for _, raise := range raises {
		of[raise.budget] = append(of[raise.budget], raise.Raise)
	}
	for i := range budgets {
		budgets[i].Raises = of[budgets[i].ID]
	}
	return budgets, nil
}

// RemoveBudget removes a budget with its raises and counters.
func (s *Store) RemoveBudget(ctx context.Context, id string) error {
	return s.amend(ctx, func(tx *sql.Tx, about *amendment) error {
		before, err := budgetBy(ctx, tx, id)
		if err != nil {
			return err
		}
		*about = amendment{action: "budget.remove", object: id, before: before}
		for _, part := range []string{"budget_counter", "budget_raise"} {
			if _, err := tx.ExecContext(ctx, "DELETE FROM "+part+" WHERE budget = ?", id); err != nil {
				return err
			}
		}
		removed, err := count(tx.ExecContext(ctx, "DELETE FROM budget WHERE id = ?", id))
		if err == nil && removed == 0 {
			err = noBudget(id)
		}
		if err != nil {
			return err
		}
		return renewRules(ctx, tx)
	})
}

func scanBudget(row scanner) (b tollgate.Budget, err error) {
	var scope, models, alerts string
	var created int64
	if err := row.Scan(&b.ID, &scope, &b.Period, &models, &b.Each, &b.Hard, &b.Amount, &b.Enforce, &alerts, &created); err != nil {
		return b, err
	}
	b.Scope, b.CreatedAt = scopeOf(scope), moment(created)
	if err := fromJSON(models, &b.Models); err != nil {
		return b, err
	}
	return b, fromJSON(alerts, &b.Alerts)
}

// alertList tells the list without members, which asks for no alerts, from the
// one that is not there.
func alertList(alerts []int) string {
	if alerts != nil && len(alerts) == 0 {
		return "[]"
	}
	return jsonList(alerts)
}

func noBudget(id string) *tollgate.Error {
	return tollgate.Errorf(tollgate.NotFound, "there is no budget %q; tollgate budget list shows the ones there are", id)
}
