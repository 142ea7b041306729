package app

import (
	"context"
	"encoding/json"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"tollgate"
	"tollgate/internal/audit"
	"tollgate/internal/observe"
	"tollgate/internal/store"
)

// The events that the gateway records of itself.
const (
	gatewayStarted   tollgate.AuditAction = "gateway.start"
	gatewayStopped   tollgate.AuditAction = "gateway.stop"
	gatewayRecovered tollgate.AuditAction = "gateway.recover" // of another process, which died
	configLoaded     tollgate.AuditAction = "config.load"
)

// auditor records what the gateway does beside requests, and has everything that
// is recorded signed. What cannot be recorded at once is kept and tried again:
// it must stop nothing that developers need.
type auditor struct {
	store  *store.Store
	notary *audit.Notary
	public string // the key that proves what the notary signs
	path   string // of the file with the newest checkpoint
	now    func() time.Time
	log    *slog.Logger

	interval atomic.Pointer[audit.Interval]
	loop     shift
	refusals *refusals // who was not let in
	wake     chan struct{}

	mu      sync.Mutex
	pending []tollgate.AuditEvent
	lost    int // events for which there was no room

	taking sync.Mutex // held while a checkpoint is taken
	taken  time.Time
	ill    bool // the last try failed, and the log knows
	over   bool

	uncommitted atomic.Int64 // as of the last look
	signed      atomic.Pointer[time.Time]
}

// figures is how far the log is signed.
func (a *auditor) figures() (f observe.AuditLog) {
	if a == nil {
		return f
	}
	f.Uncommitted = a.uncommitted.Load()
	if at := a.signed.Load(); at != nil {
		f.Checkpoint = *at
	}
	return f
}

// openAudit begins this process's chain. It is done before the first row is added.
func (a *App) openAudit(ctx context.Context) error {
	newest, err := a.store.LastCheckpoint(ctx)
	if err != nil {
		return err
	}
	notary, public, err := a.folder.auditKey(newest)
	if err != nil {
		return err
	}
	if err := a.store.BeginChain(ctx, audit.Scribe{}, time.Now()); err != nil {
		return err
	}
	a.auditor = &auditor{store: a.store, notary: notary, public: public, path: a.folder.file(filepath.Join(auditFolder, checkpointFile)), now: time.Now, log: a.log, wake: make(chan struct{}, 1), refusals: &refusals{now: time.Now}}
	a.auditor.interval.Store(&a.config.Audit.Checkpoint)
	a.auditor.loop.work = a.auditor.run
	return nil
}

// begin records that the gateway serves. alone says that no other process does,
// so that chains which never ended are those of processes that died.
func (a *auditor) begin(ctx context.Context, alone bool, about json.RawMessage) {
	if alone {
		a.recover(ctx)
	}
	a.note(tollgate.AuditEvent{Action: gatewayStarted, Outcome: "done", About: about})
	a.loop.begin()
}

// recover records who died.
func (a *auditor) recover(ctx context.Context) {
	at := a.now()
	died, err := a.store.RecoverChains(ctx, at, func(head tollgate.AuditHead) tollgate.AuditEvent {
		return tollgate.AuditEvent{
			Time: at, Action: gatewayRecovered, Actor: gateway, Object: head.Chain, Outcome: "done",
			About: object("records", head.Length, "hash", hexOf(head.Hash)),
		}
	})
	if err != nil {
		a.log.Error("it could not be recorded which processes have died; the next start does it", "cause", err)
	}
	for _, head := range died {
		a.log.Info("the process before did not stop by itself", "chain", head.Chain, "records", head.Length)
	}
}

// gateway is who acts when nobody asked.
const gateway = "gateway"

func (a *auditor) noteAll(events []tollgate.AuditEvent) {
	for _, e := range events {
		a.note(e)
	}
}

// mostPending bounds the events that wait for the database.
const mostPending = 10_000

// note records an event, now or when the database takes it.
func (a *auditor) note(e tollgate.AuditEvent) {
	if e.Time.IsZero() {
		e.Time = a.now()
	}
	if e.Actor == "" {
		e.Actor = gateway
	}
	if e.ID == "" {
		e.ID = tollgate.NewEventID(e.Time)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.pending) >= mostPending {
		a.lost++
		return
	}
	a.pending = append(a.pending, e)
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

// retryAudit is how long is waited after a failure, and how often is looked
// whether a checkpoint is due.
const retryAudit = time.Second

func (a *auditor) run(ctx context.Context) {
	tick := time.NewTicker(retryAudit)
	defer tick.Stop()
	for {
		a.work(ctx)
		select {
		case <-ctx.Done():
			return
		case <-a.wake:
		case <-tick.C:
		}
	}
}

// work stores what is pending, and takes a checkpoint if one is due.
func (a *auditor) work(ctx context.Context) {
	a.noteAll(a.refusals.take(false))
	err := a.flush(ctx)
	if err == nil {
		err = a.commit(ctx)
	}
	if ctx.Err() == nil {
		a.tell(err)
	}
}

// tell says when it begins to fail and when that ends.
func (a *auditor) tell(err error) {
	switch {
	case err != nil && !a.ill:
		a.log.Error("the audit log cannot be written beside requests, or not be signed; it is tried again each second", "cause", err)
	case err == nil && a.ill:
		a.log.Info("the audit log is written and signed again")
	}
	a.ill = err != nil
}

// flush stores what is pending. What was stored although that failed is stored
// once: its ids are known.
func (a *auditor) flush(ctx context.Context) error {
	a.mu.Lock()
	events, lost := a.pending, a.lost
	a.mu.Unlock()
	if lost > 0 {
		at := a.now()
		events = append(events[:len(events):len(events)], tollgate.AuditEvent{Time: at, ID: tollgate.NewEventID(at), Action: "audit.lost", Actor: gateway, Outcome: "failed", About: object("events", lost)})
	}
	if len(events) == 0 {
		return nil
	}
	if err := a.store.Note(ctx, events...); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.lost -= lost
	a.pending = a.pending[min(len(events), len(a.pending)):]
	return nil
}

// commit takes a checkpoint if one is due.
func (a *auditor) commit(ctx context.Context) error {
	uncommitted, err := a.store.Uncommitted(ctx)
	a.uncommitted.Store(uncommitted)
	if err != nil || uncommitted == 0 {
		return err
	}
	interval := *a.interval.Load()
	if uncommitted < interval.Records && a.now().Sub(a.last()) < interval.Every {
		return nil
	}
	_, err = a.checkpoint(ctx)
	return err
}

func (a *auditor) last() time.Time {
	a.taking.Lock()
	defer a.taking.Unlock()
	return a.taken
}

// checkpoint commits to everything that is recorded, and leaves the newest
// checkpoint beside the database, where a database that was put back does not
// change it.
func (a *auditor) checkpoint(ctx context.Context) (signed string, err error) {
	a.taking.Lock()
	defer a.taking.Unlock()
	signed, err = a.store.TakeCheckpoint(ctx, a.notary, a.now())
	if err != nil || signed == "" {
		return "", err
	}
	a.taken = a.now()
	a.signed.Store(new(a.taken))
	a.uncommitted.Store(0)
	return signed, writeOnce(a.path, signed)
}

// stop records that this process ends, and has that signed. A second stop does
// nothing.
func (a *auditor) stop(ctx context.Context) error {
	a.loop.stop()
	if a.over {
		return nil
	}
	a.over = true
	a.noteAll(a.refusals.take(true))
	if err := a.flush(ctx); err != nil {
		return err
	}
	if err := a.store.EndChain(ctx, tollgate.AuditEvent{Time: a.now(), Action: gatewayStopped, Actor: gateway, Outcome: "done"}); err != nil {
		return err
	}
	_, err := a.checkpoint(ctx)
	return err
}
