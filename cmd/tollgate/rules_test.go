package main

import (
	"context"
	"sync/atomic"
	"time"

	"tollgate"
	"tollgate/internal/policy/budget"
	"tollgate/internal/preview"
	"tollgate/internal/store"
)

// serverRules are a data plane's that serves no requests.
type serverRules struct {
	store    *store.Store
	budgets  *budget.Keeper
	previews *preview.Ledger
	tests    atomic.Pointer[[]tollgate.AlertTest] // what becomes of trial messages
}

func newServerRules(kept *store.Store, zone *time.Location) *serverRules {
	return &serverRules{store: kept, budgets: budget.New(zone, time.Now), previews: &preview.Ledger{Store: kept, Zone: zone}}
}

func (r *serverRules) BudgetsChanged(ctx context.Context) error {
	reading := r.budgets.Read()
	book, err := r.store.BudgetBook(ctx, time.Now(), nil)
	if err != nil {
		reading.Leave()
		return err
	}
	reading.Load(budget.State{Budgets: book.Budgets, Counters: book.Counters, Stored: book.Stored})
	return nil
}

func (r *serverRules) LimitsChanged(context.Context) error { return nil }

func (r *serverRules) BudgetStates(id string) []tollgate.BudgetState { return r.budgets.States(id) }

func (r *serverRules) PreviewBudget(ctx context.Context, asked tollgate.Budget, since, until time.Time) (tollgate.Preview, error) {
	return r.previews.Budget(ctx, asked, since, until)
}

func (r *serverRules) PreviewLimit(ctx context.Context, asked tollgate.Limit, since, until time.Time) (tollgate.Preview, error) {
	return r.previews.Limit(ctx, asked, since, until)
}

func (r *serverRules) TestAlerts(context.Context) []tollgate.AlertTest {
	if tests := r.tests.Load(); tests != nil {
		return *tests
	}
	return nil
}
