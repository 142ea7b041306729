package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"tollgate"
)

// BudgetRules are what decides which rows are paid from which budget, in which
// window.
type BudgetRules struct {
	Budgets []tollgate.Budget
	Zone    *time.Location
	Since   time.Time // windows that had ended by then are not counted any more
}

// Counts are the counters of all budgets, with what they follow from.
type Counts struct {
	BudgetRules
	Counters   []tollgate.BudgetCounter // with all rows that are there
	Later      []tollgate.BudgetCounter // what of that is from the rows that were added after the mark
	Unreadable []string                 // sentences: counters that are there and cannot be read
}

// BudgetRules reads the rules as they are in force.
func (s *Store) BudgetRules(ctx context.Context) (rules BudgetRules, err error) {
	err = s.view(ctx, func(tx *sql.Tx) error {
		rules, err = budgetRules(ctx, tx)
		return err
	})
	return rules, err
}

func budgetRules(ctx context.Context, tx *sql.Tx) (rules BudgetRules, err error) {
	if rules.Budgets, err = allBudgets(ctx, tx); err != nil {
		return rules, err
	}
	if rules.Zone, err = zoneOf(ctx, tx); err != nil {
		return rules, err
	}
	rules.Since, err = countedSinceOf(ctx, tx)
	return rules, err
}

// Counts reads everything at one moment. Rows after the mark are those that
// were added after the last one of Slices; it is Slice.Mark.
func (s *Store) Counts(ctx context.Context, mark int64) (counts Counts, err error) {
	err = s.view(ctx, func(tx *sql.Tx) error {
		if counts.BudgetRules, err = budgetRules(ctx, tx); err != nil {
			return err
		}
		stored, err := find(ctx, tx, counts.scan, selectCounter)
		if err != nil {
			return err
		}
		for _, some := range stored {
			counts.Counters = append(counts.Counters, some...)
		}
		if counts.Counters, err = withRest(ctx, tx, counts.Counters, time.Time{}); err != nil {
			return err
		}
		later, err := tallyAfter(ctx, tx, mark)
		counts.Later = later.counters()
		return err
	})
	return counts, err
}

// scan is the next counter, or nothing when it cannot be read.
func (c *Counts) scan(row scanner) ([]tollgate.BudgetCounter, error) {
	counter, err := scanCounter(row)
	if err != nil {
		c.Unreadable = append(c.Unreadable, fmt.Sprintf("a counter of budget %q for %q cannot be read: %v", counter.Budget, counter.Member, err))
		return nil, nil
	}
	return []tollgate.BudgetCounter{counter}, nil
}
