package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// phases are what the time is spent on, in parts of a hundred. Hand-overs end
// the process that is measured, so they come before and after.
var phases = []struct {
	name      string
	parts     int
	handOvers int
}{
	{"hand-overs", 15, 3},
	{"warming up", 20, 0},
	{"load", 45, 0},
	{"hand-overs again", 15, 3},
}

// restParts is how much of a hundred the rest after a phase may take.
const restParts = 5

// soak is the whole run. An error says that it could not be carried out.
func soak(ctx context.Context, o options) (*report, error) {
	w, err := newWorld(ctx, o)
	if err != nil {
		return nil, err
	}
	defer w.leave()
	found := &report{options: o, begun: time.Now(), world: w}
	stop := w.sampleEvery(ctx, max(o.last/40, time.Second))
	for _, phase := range phases {
		if err := w.work(ctx, phase.name, o.last*time.Duration(phase.parts)/100, phase.handOvers); err != nil {
			return nil, errors.Join(err, w.said())
		}
		if err := w.rest(ctx, o.last*restParts/100); err != nil {
			return nil, errors.Join(err, w.said())
		}
		switch phase.name {
		case "warming up":
			found.before, err = w.settled(ctx)
		case "load":
			found.after, err = w.settled(ctx)
		}
		if err != nil {
			return nil, errors.Join(err, w.said())
		}
	}
	stop()
	found.judge(ctx)
	found.lasted = time.Since(found.begun)
	return found, ctx.Err()
}

// work is a stretch of load.
func (w *world) work(ctx context.Context, name string, last time.Duration, handOvers int) error {
	w.phase.Store(name)
	ctx, cancel := context.WithTimeout(ctx, last)
	defer cancel()
	done := w.startTraffic(ctx)
	var err error
	for n := range handOvers {
		if !pause(ctx, last/time.Duration(handOvers+1)) || err != nil {
			break
		}
		if err = w.handOver(context.WithoutCancel(ctx)); err != nil {
			err = fmt.Errorf("hand-over %d: %w", n+1, err)
		}
	}
	done()
	return err
}

// rest lets everything come to its end: no request under way, no connection
// open, no process but one.
func (w *world) rest(ctx context.Context, most time.Duration) error {
	w.phase.Store("rest")
	ctx, cancel := context.WithTimeout(ctx, most+idle+drain+time.Minute)
	defer cancel()
	w.transport.CloseIdleConnections()
	defer w.provider.closeIdle()
	for !w.quiet(ctx) {
		if !pause(ctx, 200*time.Millisecond) {
			return errors.New("the gateway does not come to rest: requests or connections stay open, or an old process does not end")
		}
	}
	return nil
}

// pause waits. False says that ctx ended.
func pause(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// leave ends what still runs and removes what was written.
func (w *world) leave() {
	for _, each := range w.processes {
		each.kill()
	}
	w.provider.close()
	if w.options.keep {
		fmt.Fprintln(os.Stderr, "The data folder and the log are in", w.folder)
		return
	}
	_ = os.RemoveAll(w.folder)
}
