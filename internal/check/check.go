// Package check compares the ledger with everything that has to agree with it:
// the database with its own rules, the journal with the rows, each row with
// itself, reports with the rows that they add up, budgets with the rows that are
// paid from them, the register with the rows that name it. Every difference is a
// sentence that names the row and both values.
//
// It only reads, in memory that does not grow with the rows, and lets the
// database go every few rows, so that a gateway may run meanwhile. It repairs
// nothing: what differs is for a person to look at.
package check

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"tollgate"
	"tollgate/internal/journal"
	"tollgate/internal/store"
)

// checks is everything that is compared, in the order in which it is told.
// Whatever keeps a figure that follows from the rows adds its line.
var checks = []check{
	{"database", "the database with its own rules: pages, indexes, constraints, references", database},
	{"journal", "what the journal saw end with the rows of the ledger", recorded},
	{"quarantine", "what was set aside because it could not be read or stored", quarantine},
	{"row", "each row with itself", row},
	{"report", "usage reports by every attribute with the rows that they add up", report},
	{"owner", "who a row says made the request with the register's owner of the key", owner},
	{"budget", "what has been spent from every budget with the rows that it is paid with", budget},
	{"last_use", "when the register says that a key was last used with the rows of the key", lastUse},
}

// check is one comparison. begin is called before the first row is read.
type check struct {
	name, about string
	begin       func(*inspection, *findings) work
}

// work is a comparison under way. Either function may be nil.
type work struct {
	slice func(context.Context, *store.Slice) error // sees every row of the ledger, oldest first
	end   func(context.Context) error               // is called once, afterwards
}

// Ledger is what is checked.
type Ledger struct {
	Store   *store.Store
	Journal string           // the path of the journals
	Running *journal.Journal // this process's own; nil when the gateway is stopped
	// States is where the budgets stand in this process; nil when the gateway
	// is stopped.
	States func() []tollgate.BudgetState
	Now    func() time.Time

	turn sync.Mutex
}

// inspection is one run of all checks.
type inspection struct {
	*Ledger
	survey  *journal.Survey
	flushed bool // what the survey saw end in this process's journal is in the ledger
	result  tollgate.LedgerCheck
}

const (
	sliceRows  = 1000            // rows that are read at a time, at about 2 KB each
	flushBound = 5 * time.Second // how long rows on their way to the database are waited for
)

// Check makes every comparison there is. One runs at a time.
func (l *Ledger) Check(ctx context.Context) (tollgate.LedgerCheck, error) {
	if !l.turn.TryLock() {
		return tollgate.LedgerCheck{}, tollgate.Errorf(tollgate.Conflict, "the ledger is being checked already; wait until that is done")
	}
	defer l.turn.Unlock()
	i := &inspection{Ledger: l}
	if err := i.begin(ctx); err != nil {
		return i.result, err
	}
	found := make([]findings, len(checks))
	works := make([]work, len(checks))
	for n, each := range checks {
		works[n] = each.begin(i, &found[n])
	}
	err := i.run(ctx, works)
	for n, each := range checks {
		i.result.Checks = append(i.result.Checks, found[n].result(each))
	}
	if err != nil && ctx.Err() == nil && i.result.Differences() > 0 { // which may well be why
		i.note("The check could not be completed: %s.", tollgate.AsError(err).Message)
		err = nil
	}
	return i.result, err
}

func (i *inspection) note(format string, args ...any) {
	i.result.Notes = append(i.result.Notes, fmt.Sprintf(format, args...))
}

// begin notes what has been recorded so far, and then gives it the time to
// come into the ledger.
func (i *inspection) begin(ctx context.Context) (err error) {
	if i.survey, err = journal.Inspect(i.Journal); err != nil {
		return tollgate.Errorf(tollgate.Internal, "the journal in %s cannot be read; give the user that asks the right to", i.Journal).Because(err)
	}
	i.flushed = i.flush(ctx)
	return nil
}

// flush says whether all that was recorded before it is in the ledger.
func (i *inspection) flush(ctx context.Context) bool {
	if i.Running == nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, flushBound)
	defer cancel()
	return i.Running.Flush(ctx) == nil
}

// run takes every check to its end, even if another cannot be.
func (i *inspection) run(ctx context.Context, works []work) error {
	errs := []error{i.Store.Slices(ctx, sliceRows, func(slice *store.Slice) error {
		i.result.Rows += int64(len(slice.Rows) + len(slice.Unreadable))
		return show(ctx, slice, works)
	})}
	for _, each := range works {
		if each.end != nil && ctx.Err() == nil {
			errs = append(errs, each.end(ctx))
		}
	}
	return errors.Join(errs...)
}

func show(ctx context.Context, slice *store.Slice, works []work) error {
	for _, each := range works {
		if each.slice == nil {
			continue
		}
		if err := each.slice(ctx, slice); err != nil {
			return err
		}
	}
	return nil
}
