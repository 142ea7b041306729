package admin

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"tollgate"
)

// A change of a budget or of a limit is stored, and then the data plane reads
// the register anew. Where it cannot, the change stays stored: whoever made it
// is told so, and the data plane is asked again until it has read it. To take
// the change back would need the very database that just failed.

// ruleset is all budgets, or all limits, on their way to the data plane.
type ruleset struct {
	read func(context.Context) error
	name string
	log  *slog.Logger

	mu     sync.Mutex  // held while the data plane reads
	retry  *time.Timer // runs while the data plane lacks a change
	closed bool
}

// changed returns when what is stored is in force. what says what was stored,
// for the error.
func (r *ruleset) changed(ctx context.Context, what string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.read(ctx); err != nil {
		r.tryLater()
		return tollgate.Errorf(tollgate.Internal,
			"%s, but this gateway could not put it in force: %s; it tries again by itself every %d seconds and says in its log when it is done, so do not repeat this",
			what, tollgate.AsError(err).Message, retryEvery/time.Second).Because(err)
	}
	r.rest()
	return nil
}

func (r *ruleset) tryLater() {
	r.rest()
	if !r.closed {
		r.retry = time.AfterFunc(retryEvery, r.tryAgain)
	}
}

func (r *ruleset) tryAgain() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.retry == nil {
		return // a change since then has brought everything
	}
	ctx, cancel := context.WithTimeout(context.Background(), retryEvery)
	defer cancel()
	if r.read(ctx) != nil { // the administrator knows, and so does the log
		r.tryLater()
		return
	}
	r.rest()
	r.log.InfoContext(ctx, "changes that were stored are in force now", "rules", r.name)
}

// rest ends the timer.
func (r *ruleset) rest() {
	if r.retry != nil {
		r.retry.Stop()
	}
	r.retry = nil
}

func (r *ruleset) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	r.rest()
}
