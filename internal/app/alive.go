package app

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// failure is the first thing that went wrong for good.
type failure struct {
	once sync.Once
	told chan struct{} // closed when err is set
	err  error
}

func (f *failure) tell(err error) {
	f.once.Do(func() { f.err = err; close(f.told) })
}

// Failed is closed when this process cannot do its work any more, without
// having been stopped; Alive says why. All that is left to do is to Stop, and
// to start another one.
func (a *App) Failed() <-chan struct{} { return a.servers.failed.told }

// aliveBound is how long a process that is alive may take to say so, however
// busy the machine is.
const aliveBound = 10 * time.Second

var errStuck = fmt.Errorf("some part of this process has been stuck for %s", aliveBound)

// Alive says why this process should be ended and another one started, or
// nothing: that somebody has ended an accept loop who should not have, or that
// parts of it wait for each other for ever. What only makes it slow, refuse or
// fail is no reason: a full machine, a disk or a provider that is away is there
// still after a restart, and streams would be cut for nothing.
func (a *App) Alive(ctx context.Context) error {
	select {
	case <-a.servers.failed.told:
		return a.servers.failed.err
	default:
	}
	ctx, cancel := context.WithTimeoutCause(ctx, aliveBound, errStuck)
	defer cancel()
	if err := a.pulse.feel(ctx, a.beat); errors.Is(err, errStuck) {
		return err
	}
	return nil // or whoever asked has gone
}

// beat goes where every request, every reload and every change of a key has to
// pass. None of these places is held for longer than a moment.
func (a *App) beat() {
	a.servers.busy()
	a.Drain()
	a.isStopping()
	a.keys.Beat()
	a.journal.Stats()
}

// pulse keeps those who ask whether a process is alive from adding to its load:
// they share one beat.
type pulse struct {
	mu      sync.Mutex
	beating chan struct{} // nil: not now
}

// feel returns when beat does, or with the cause of ctx's end.
func (p *pulse) feel(ctx context.Context, beat func()) error {
	select {
	case <-p.join(beat):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (p *pulse) join(beat func()) <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.beating == nil {
		done := make(chan struct{})
		p.beating = done
		go func() {
			beat()
			p.mu.Lock()
			p.beating = nil
			p.mu.Unlock()
			close(done)
		}()
	}
	return p.beating
}
