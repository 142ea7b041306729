package app

import (
	"context"
	"time"

	"tollgate"
	"tollgate/internal/check"
	"tollgate/internal/journal"
	"tollgate/internal/store"
)

// ledger answers administrators from the database. Whoever has just made a
// request finds it, since questions come after a CatchUp. When the database
// takes no rows, it is asked all the same, for what it has.
type ledger struct {
	*store.Store
	journal *journal.Journal
	checked *check.Ledger
}

func (a *App) newLedger() ledger {
	return ledger{a.store, a.journal, &check.Ledger{
		Store: a.store, Journal: a.folder.file(journal.Name), Running: a.journal,
		States: func() []tollgate.BudgetState { return a.rules.BudgetStates("") }, Now: time.Now,
	}}
}

// Overwrite lets go of the journal's segment in which requests are that the ledger
// has, and of the database's own log.
func (l ledger) Overwrite(ctx context.Context) error {
	l.journal.Renew()
	return l.Store.Overwrite(ctx)
}

// Check compares the ledger with everything that has to agree with it.
func (l ledger) Check(ctx context.Context) (tollgate.LedgerCheck, error) { return l.checked.Check(ctx) }

// freshBound is how long a question waits for the last rows.
const freshBound = time.Second

// CatchUp waits for what has been recorded so far and says how much of it is
// not in the database.
func (l ledger) CatchUp(ctx context.Context) (unstored int64) {
	ctx, cancel := context.WithTimeout(ctx, freshBound)
	defer cancel()
	if l.journal.Flush(ctx) == nil { // it tells of its troubles itself
		return 0
	}
	return l.journal.Stats().Waiting
}
