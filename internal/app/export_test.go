package app

import (
	"context"
	"net/http"
	"time"

	"tollgate"
	"tollgate/internal/journal"
)

// NewTLS is for tests that turn the clock.
var NewTLS = newTLS

// SetStoreBound says how long the last rows may take to reach the database.
func (a *App) SetStoreBound(bound time.Duration) { a.storeBound = bound }

// On is what starts a gateway whose journal is on a disk of the test's.
func (o Options) On(disk journal.Disk) Options {
	o.disk = disk
	return o
}

// Busy says whether a request is being served, or waits to be.
func (a *App) Busy() bool { return a.servers.busy() }

// Private closes a socket to others before it has a name.
var Private = private

// DataPlane is what answers on the data plane's connections.
func (a *App) DataPlane() http.Handler { return a.servers.counted(a.proxy) }

// JournalFigures and LoadFigures are figures as the metrics have them.
var (
	JournalFigures = journalFigures
	LoadFigures    = loadFigures
)

// SetBudget sets a budget without asking who wants it.
func (a *App) SetBudget(ctx context.Context, budget tollgate.Budget) error {
	if _, err := a.store.SetBudget(ctx, budget); err != nil {
		return err
	}
	return a.rules.BudgetsChanged(ctx)
}

// BudgetStates is where the budgets stand.
func (a *App) BudgetStates() []tollgate.BudgetState { return a.rules.BudgetStates("") }

// Retire does what is due at a time, with the audit log's oldest records.
func (a *App) Retire(ctx context.Context, at time.Time) {
	a.retirer.now = func() time.Time { return at }
	a.retirer.retire(ctx)
}
