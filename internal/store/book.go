package store

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"tollgate"
)

// BudgetBook is what the gateway has to know to hold budgets, all of it read at
// one moment.
type BudgetBook struct {
	Budgets  []tollgate.Budget // with their raises, oldest first
	Counters []tollgate.BudgetCounter
	Stored   map[string]bool // which of the requests asked about have a row, and are in the counters
}

// bookLag is how long after its end a window still is in the book.
const bookLag = 2 * time.Hour

// BudgetBook reads the budgets, the counters of windows that have not ended
// some hours before now, and which requests are in them: those that asked names
// once the moment is fixed, so that what is begun later is in no counter. nil
// asks about none.
func (s *Store) BudgetBook(ctx context.Context, now time.Time, asked func() []string) (book BudgetBook, err error) {
	err = s.view(ctx, func(tx *sql.Tx) error {
		if book.Budgets, err = allBudgets(ctx, tx); err != nil {
			return err
		}
		if book.Counters, err = countersIn(ctx, tx, now.Add(-bookLag)); err != nil {
			return err
		}
		var ids []string
		if asked != nil {
			ids = asked()
		}
		costs, err := costsOf(ctx, tx, ids)
		book.Stored = make(map[string]bool, len(costs))
		for id := range costs {
			book.Stored[id] = true
		}
		return err
	})
	return book, err
}

// countersIn are the counters of windows that end after that, those that never
// end included, with all rows that are there.
func countersIn(ctx context.Context, tx *sql.Tx, after time.Time) ([]tollgate.BudgetCounter, error) {
	stored, err := find(ctx, tx, scanCounter, selectCounter+" WHERE ends_at = 0 OR ends_at > ?", micros(after))
	if err != nil {
		return nil, err
	}
	return withRest(ctx, tx, stored, after)
}

// withRest adds to counters what rows have taken that are not counted yet.
func withRest(ctx context.Context, tx *sql.Tx, stored []tollgate.BudgetCounter, after time.Time) ([]tollgate.BudgetCounter, error) {
	at, err := readMark(ctx, tx)
	if err != nil || at.counted >= at.newest {
		return stored, err
	}
	rest, err := tallyAfter(ctx, tx, at.counted)
	if err != nil {
		return nil, err
	}
	for _, c := range stored {
		rest.add(counterKey{c.Budget, c.Member, micros(c.Start)}, c.End, c.Spent)
	}
	return slices.DeleteFunc(rest.counters(), func(c tollgate.BudgetCounter) bool {
		return !c.End.IsZero() && !c.End.After(after)
	}), nil
}

// tallyAfter is what the rows have taken that were added after that one.
func tallyAfter(ctx context.Context, tx *sql.Tx, row int64) (tally, error) {
	r, err := readRules(ctx, tx)
	if err != nil {
		return nil, err
	}
	chosen := new(conditions)
	chosen.and(arrival+" > ?", row)
	return r.tallyRows(ctx, tx, chosen)
}

// Settled looks up what requests have cost. Those without a row are left out.
func (s *Store) Settled(ctx context.Context, ids []string) (map[string]tollgate.Money, error) {
	return costsOf(ctx, s.read, ids)
}

// idsAtOnce is how many requests one question names.
const idsAtOnce = 500

func costsOf(ctx context.Context, from querier, ids []string) (map[string]tollgate.Money, error) {
	costs := make(map[string]tollgate.Money, len(ids))
	scan := func(row scanner) (struct{}, error) {
		var id string
		var cost tollgate.Money
		err := row.Scan(&id, &cost)
		costs[id] = cost
		return struct{}{}, err
	}
	for some := range slices.Chunk(ids, idsAtOnce) {
		args := make([]any, len(some))
		for i, id := range some {
			args[i] = id
		}
		if _, err := find(ctx, from, scan, "SELECT id, cost_nano_usd FROM request WHERE id IN ("+placeholders(len(some))+")", args...); err != nil {
			return nil, err
		}
	}
	return costs, nil
}

const selectCounter = "SELECT budget, member, spent_nano_usd, starts_at, ends_at FROM budget_counter"

func scanCounter(row scanner) (c tollgate.BudgetCounter, err error) {
	var member string
	var starts, ends int64
	err = row.Scan(&c.Budget, &member, &c.Spent, &starts, &ends)
	c.Member, c.Start, c.End = scopeOf(member), moment(starts), moment(ends)
	return c, err
}
