package app

import (
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"tollgate/internal/audit"
	"tollgate/internal/config"
	"tollgate/internal/store"
)

// retirer ends the time of the audit log's oldest records, while this process
// holds the data folder.
type retirer struct {
	shift
	store  *store.Store
	notary *audit.Notary
	config atomic.Pointer[audit.Config]
	now    func() time.Time
	log    *slog.Logger
	waits  string // why nothing was retired the last time; empty: something was, or nothing was due
}

func (a *App) newRetirer(c *config.Config) *retirer {
	r := &retirer{store: a.store, notary: a.auditor.notary, now: time.Now, log: a.log}
	r.config.Store(&c.Audit)
	r.work = r.run
	return r
}

// retireFirst is when after the start records are retired: sinks have said by then
// what they are still to get. retireInterval is how often that is looked after.
const (
	retireFirst    = time.Minute
	retireInterval = time.Hour
)

func (r *retirer) run(ctx context.Context) {
	for due := time.NewTimer(retireFirst); ; due.Reset(retireInterval) {
		select {
		case <-ctx.Done():
			due.Stop()
			return
		case <-due.C:
			r.retire(ctx)
		}
	}
}

// retire gives up whole days, so that there is one retirement a day.
func (r *retirer) retire(ctx context.Context) {
	c := r.config.Load()
	if c.Retention > 0 {
		order := store.Retirement{Before: r.now().Add(-c.Retention).UTC().Truncate(24 * time.Hour), At: r.now()}
		for _, sink := range c.Sinks {
			order.Sinks = append(order.Sinks, sink.Name)
		}
		done, err := r.store.Retire(ctx, r.notary, order)
		r.tell(order.Before, done, err)
	}
	if err := r.remove(ctx); err != nil && ctx.Err() == nil {
		r.log.Warn("records of the audit log that are retired could not be removed; it is tried again in an hour", "cause", err)
	}
}

// removePause lets those write who wait.
const removePause = 5 * time.Millisecond

// remove removes what is retired, now or by a process before.
func (r *retirer) remove(ctx context.Context) error {
	for {
		more, err := r.store.RemoveRetired(ctx)
		if err != nil || !more {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(removePause):
		}
	}
}

// tell says what was retired, and once why nothing was.
func (r *retirer) tell(before time.Time, done store.Retired, err error) {
	last := r.waits
	r.waits = ""
	switch {
	case err != nil:
		r.log.Warn("records of the audit log could not be retired; it is tried again in an hour", "before", before, "cause", err)
	case done.Held:
		r.waits = "a legal hold is in force"
	case len(done.Behind) > 0:
		r.waits = "these sinks have not got them all: " + strings.Join(done.Behind, ", ")
	case done.Records > 0:
		r.log.Info("records of the audit log were retired: their time was over", "records", done.Records, "before", before)
	}
	if r.waits != "" && r.waits != last {
		r.log.Warn("records of the audit log whose time is over stay", "before", before, "why", r.waits)
	}
}
