package journal

import (
	"context"
	"time"
)

// Ticket is what an answer has to wait for. The zero Ticket waits for nothing.
type Ticket struct {
	journal *Journal
	round   *round
}

// Durable returns when the disk has what Begin recorded. The error is a
// refusal, or that of ctx; no byte of the answer may then leave.
func (t Ticket) Durable(ctx context.Context) error {
	if t.round == nil {
		return nil
	}
	err := t.round.wait(ctx, t.journal.patient)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	_, err = t.journal.unable(err)
	return err
}

// round is what one sync completes. err is good once done is closed.
type round struct {
	done chan struct{}
	err  error
}

func newRound() *round { return &round{done: make(chan struct{})} }

// wait returns what became of the round, or that it takes too long.
func (r *round) wait(ctx context.Context, patience time.Duration) error {
	select { // most of the time it has been over for long
	case <-r.done:
		return r.err
	default:
	}
	bound := time.NewTimer(patience)
	defer bound.Stop()
	select {
	case <-r.done:
		return r.err
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-bound.C:
		return errStalled
	}
}
