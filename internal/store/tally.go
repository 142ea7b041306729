package store

import (
	"context"
	"database/sql"
	"time"

	"tollgate"
)

// tally is what some rows have taken from budgets.
type tally map[counterKey]*tallied

// counterKey names a counter: a budget, for one member or for all, in the
// window that starts then.
type counterKey struct {
	budget string
	member tollgate.Scope
	start  int64 // microseconds
}

type tallied struct {
	end   time.Time
	spent tollgate.Money
}

func (t tally) add(key counterKey, end time.Time, cost tollgate.Money) {
	of := t[key]
	if of == nil {
		of = &tallied{end: end}
		t[key] = of
	}
	of.spent = of.spent.Plus(cost)
}

// counters are the tally as others see it, in no order.
func (t tally) counters() []tollgate.BudgetCounter {
	all := make([]tollgate.BudgetCounter, 0, len(t))
	for key, of := range t {
		all = append(all, tollgate.BudgetCounter{
			Budget: key.budget, Member: key.member, Start: moment(key.start), End: moment(micros(of.end)), Spent: of.spent,
		})
	}
	return all
}

// addToCounter takes what counterValues gives.
const addToCounter = `
	INSERT INTO budget_counter (budget, member, starts_at, ends_at, spent_nano_usd) VALUES (?, ?, ?, ?, ?)
	ON CONFLICT (budget, member, starts_at) DO UPDATE SET spent_nano_usd = budget_counter.spent_nano_usd + excluded.spent_nano_usd`

func counterValues(key counterKey, of *tallied) []any {
	return []any{key.budget, key.member.String(), key.start, micros(of.end), int64(of.spent)}
}

// keep adds the tally to the counters.
func (t tally) keep(ctx context.Context, tx *sql.Tx) error {
	add, err := tx.PrepareContext(ctx, addToCounter)
	if err != nil {
		return err
	}
	defer add.Close()
	for key, of := range t {
		if _, err := add.ExecContext(ctx, counterValues(key, of)...); err != nil {
			return err
		}
	}
	return nil
}

// selectSpending adds up what the rows cost by who asked for what and when, to
// the quarter of an hour, so that every group lies in one window. Grouping
// before the join takes numbers only.
func selectSpending(chosen *conditions) string {
	return `
	SELECT key, developer, service, team, model, quarter, cost
	FROM (SELECT profile_id, ` + quarterColumn + ` AS quarter, CAST(sum(cost_nano_usd) AS BIGINT) AS cost
	      FROM request` + chosen.where() + ` GROUP BY profile_id, quarter) AS spending
	JOIN profile USING (profile_id)`
}

// tallyRows is what the chosen rows of the ledger have taken, in memory that
// grows with the counters and not with the rows.
func (r *rules) tallyRows(ctx context.Context, from querier, chosen *conditions) (tally, error) {
	t := tally{}
	chosen.and("cost_nano_usd <> 0")
	scan := func(row scanner) (struct{}, error) {
		var who tollgate.Principal
		var model string
		var quarters int64
		var cost tollgate.Money
		err := row.Scan(&who.Key, &who.Developer, &who.Service, &who.Team, &model, &quarters, &cost)
		if err == nil {
			r.count(t, who, tollgate.BareModel(model), moment(quarters*quarter), cost)
		}
		return struct{}{}, err
	}
	if len(r.budgets) == 0 {
		return t, nil
	}
	_, err := find(ctx, from, scan, selectSpending(chosen), chosen.args...)
	return t, err
}

// tallyAll is what all rows have taken that the budgets count.
func (r *rules) tallyAll(ctx context.Context, from querier) (tally, error) {
	chosen, err := chosenRows(r.begin(), time.Time{}, nil)
	if err != nil {
		return nil, err
	}
	return r.tallyRows(ctx, from, chosen)
}
