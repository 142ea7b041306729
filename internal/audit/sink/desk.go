package sink

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"tollgate"
)

// Outbox is the audit log as it is kept, and how far each sink has come in it.
type Outbox interface {
	// BeginSink notes where a sink begins that has never begun.
	BeginSink(ctx context.Context, sink string, fromNow bool) error
	// SinkCheckpoints are those that a sink has not got, oldest first. What they
	// commit to is in a backlog that is read after them.
	SinkCheckpoints(ctx context.Context, sink string) ([]tollgate.AuditCheckpoint, error)
	// SinkBacklog are the chains of which a sink has not got everything.
	SinkBacklog(ctx context.Context, sink string) ([]tollgate.AuditBacklog, error)
	// SinkRecords are the records of a chain with numbers above after, up to
	// through, and no more than limit of them.
	SinkRecords(ctx context.Context, chain string, after, through int64, limit int) ([]tollgate.AuditRecord, error)
	// MoveSink notes that a sink which had a chain up to from has it up to to. It
	// is a Conflict when it had it up to another record.
	MoveSink(ctx context.Context, sink, chain string, from, to int64) error
	// MoveSinkCheckpoint is MoveSink for checkpoints, by the sizes of their trees.
	MoveSinkCheckpoint(ctx context.Context, sink string, to int64) error
}

// Options are what a Desk works with.
type Options struct {
	Surroundings
	Outbox Outbox
	Log    *slog.Logger

	rest func(failures int) time.Duration // nil: restAfter
}

// Desk delivers the audit log to all sinks, one courier each. Its methods may be
// called from any goroutine.
type Desk struct {
	Options
	changed chan struct{} // holds one value when there may be other couriers

	mu       sync.Mutex
	couriers []*courier
}

// NewDesk makes a Desk that delivers nothing yet.
func NewDesk(sinks []Config, options Options) *Desk {
	if options.rest == nil {
		options.rest = restAfter
	}
	d := &Desk{Options: options, changed: make(chan struct{}, 1)}
	d.Configure(sinks)
	return d
}

// Configure puts a valid list of sinks in force. Those that stay as they were are
// not disturbed; an attempt under way has a moment to end.
func (d *Desk) Configure(sinks []Config) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var couriers []*courier
	for _, each := range sinks {
		couriers = append(couriers, d.courierFor(each))
	}
	d.couriers = couriers
	select {
	case d.changed <- struct{}{}:
	default:
	}
}

// courierFor keeps the one that there is.
func (d *Desk) courierFor(c Config) *courier {
	for _, each := range d.couriers {
		if each.config.same(c) {
			return each
		}
	}
	return newCourier(c, d.Options)
}

func (d *Desk) inForce() []*courier {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.couriers
}

// States is how far each sink has come.
func (d *Desk) States() (states []tollgate.AuditSink) {
	for _, each := range d.inForce() {
		states = append(states, each.progress.state())
	}
	return states
}

// Run delivers until ctx ends. Only one process at a time may do so on one outbox:
// two would deliver in each other's way.
func (d *Desk) Run(ctx context.Context) {
	rounds := map[*courier]func(){} // those that run, and how each is ended
	defer func() { endAll(rounds, nil) }()
	for {
		couriers := d.inForce()
		endAll(rounds, couriers)
		for _, each := range couriers {
			if rounds[each] == nil {
				rounds[each] = begin(ctx, each.run)
			}
		}
		select {
		case <-d.changed:
		case <-ctx.Done():
			return
		}
	}
}

// endAll ends what runs, save what is to stay.
func endAll(rounds map[*courier]func(), stay []*courier) {
	var ending sync.WaitGroup
	for each, end := range rounds {
		if !slices.Contains(stay, each) {
			ending.Go(end)
			delete(rounds, each)
		}
	}
	ending.Wait()
}

// begin runs something beside, until it is told to end and has.
func begin(ctx context.Context, run func(context.Context)) (end func()) {
	ctx, cancel := context.WithCancel(ctx)
	var group sync.WaitGroup
	group.Go(func() { run(ctx) })
	return func() { cancel(); group.Wait() }
}

// After a failure there is a rest that doubles, from the one to the other, give or
// take a quarter, so that those that have failed together do not come together.
const (
	firstRest   = time.Second
	longestRest = time.Minute
)

func restAfter(failures int) time.Duration {
	rest := min(longestRest, firstRest<<min(failures-1, 20))
	return rest*3/4 + rand.N(rest/2)
}
