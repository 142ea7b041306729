// Package alert tells people and programs when a budget fills up: a signed
// webhook, a Slack channel, a mailbox, each once for every threshold of every
// window of a budget, however often the gateway is started anew.
//
// It looks at where budgets stand every few seconds, beside the traffic, puts
// what is new into an outbox in the database and brings it from there to each
// sink until that has taken it. It refuses to decide what a budget is, to wait
// for anybody on the path of a request, and to let one sink hold up another.
//
// The invariant: what has been found is in the outbox before anybody is told,
// and leaves it only when it has been told, or when its window has been over
// for a day. A process that dies between a sink's yes and the outbox's note of
// it tells twice, under the same id.
package alert

import (
	"context"
	"crypto/x509"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"tollgate"
)

// Outbox keeps alerts until they have been told, and for as long as they must
// not be told again.
type Outbox interface {
	// RaiseAlerts puts alerts in, all or none, but leaves out those whose sink
	// has one at the same threshold or above for the same window.
	RaiseAlerts(ctx context.Context, alerts []tollgate.Alert) error
	// NextAlert is the one for a sink that waits and has failed the least, and
	// among these the oldest.
	NextAlert(ctx context.Context, sink string) (alert tollgate.Alert, waits bool, err error)
	// NoteAlert keeps what became of an attempt.
	NoteAlert(ctx context.Context, alert tollgate.Alert) error
	// GiveUpAlerts ends the waiting of those whose window ended before that,
	// and returns them.
	GiveUpAlerts(ctx context.Context, ended, at time.Time) ([]tollgate.Alert, error)
}

// Options are what a Sender works with.
type Options struct {
	Outbox Outbox
	States func() []tollgate.BudgetState // where all budgets stand
	Zone   *time.Location                // the organisation's
	Now    func() time.Time
	Log    *slog.Logger
	Count  func(sink string, outcome Outcome) // counts for metrics; it must be quick
	Roots  *x509.CertPool                     // whose certificates are trusted; nil: the system's
}

// Outcome is what became of an attempt, or of an alert.
type Outcome string

// The outcomes.
const (
	Delivered Outcome = "delivered"
	Failed    Outcome = "failed" // an attempt; there are more to come
	GivenUp   Outcome = "given_up"
)

// Sender finds out what there is to tell, and tells it. Its methods may be
// called from any goroutine.
type Sender struct {
	Options
	plan    atomic.Pointer[plan]
	changed chan struct{} // holds one value when there may be another plan
}

// plan is a configuration, made ready.
type plan struct {
	thresholds []int
	sinks      []named
}

func newPlan(c Config, options Options) *plan {
	return &plan{c.thresholds(), newSinks(c, options.Roots)}
}

// New makes a Sender that does nothing yet.
func New(c Config, options Options) *Sender {
	s := &Sender{Options: options, changed: make(chan struct{}, 1)}
	s.plan.Store(newPlan(c, options))
	return s
}

// Configure puts a valid configuration in force. Attempts under way have a
// moment to end.
func (s *Sender) Configure(c Config) {
	s.plan.Store(newPlan(c, s.Options))
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// Run looks and tells until ctx ends. Only one process at a time may do so on
// one outbox.
func (s *Sender) Run(ctx context.Context) {
	for ctx.Err() == nil {
		s.follow(ctx, s.plan.Load())
	}
}

// lookEvery is how late a threshold is noticed at most.
const lookEvery = 3 * time.Second

// follow follows a plan until there may be another, or ctx ends.
func (s *Sender) follow(ctx context.Context, p *plan) {
	ctx, end := context.WithCancel(ctx)
	var group sync.WaitGroup
	defer group.Wait()
	defer end()
	w := watch{Options: s.Options, plan: p}
	for _, sink := range p.sinks {
		w.couriers = append(w.couriers, newCourier(s.Options, sink))
	}
	w.round(ctx)
	for _, each := range w.couriers {
		group.Go(func() { each.run(ctx) })
	}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			w.round(ctx)
		case <-s.changed:
			return
		case <-ctx.Done():
			return
		}
	}
}
