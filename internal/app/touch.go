package app

import (
	"context"
	"log/slog"
	"maps"
	"time"

	"tollgate/internal/identity"
	"tollgate/internal/journal"
	"tollgate/internal/store"
)

// touchEvery is how late the stored last use of a key is at most.
const touchEvery = 5 * time.Second

// toucher stores when keys were last used, behind the traffic.
type toucher struct {
	store    *store.Store
	journal  *journal.Journal
	keys     *identity.Directory
	log      *slog.Logger
	used     map[string]time.Time // not stored yet
	caughtUp bool                 // with what a killed process had not stored
	failing  bool
	end      context.CancelFunc
	ended    chan struct{}
}

// touch starts a toucher.
func touch(s *store.Store, j *journal.Journal, keys *identity.Directory, log *slog.Logger) *toucher {
	ctx, end := context.WithCancel(context.Background())
	t := &toucher{store: s, journal: j, keys: keys, log: log, used: map[string]time.Time{}, end: end, ended: make(chan struct{})}
	go t.run(ctx)
	return t
}

func (t *toucher) run(ctx context.Context) {
	defer close(t.ended)
	tick := time.NewTicker(touchEvery)
	defer tick.Stop()
	for {
		t.touch(ctx)
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.touch(context.WithoutCancel(ctx))
			return
		}
	}
}

// touch stores what has not been. What cannot be is tried again with the next.
func (t *toucher) touch(ctx context.Context) {
	maps.Copy(t.used, t.keys.TakeUsed())
	if !t.caughtUp && !t.replayed(ctx) {
		return
	}
	err := t.keep(ctx)
	if failing := err != nil && ctx.Err() == nil; failing != t.failing {
		t.failing = failing
		t.tell(err)
	}
}

// replayBound is how long one attempt waits for rows to come out of the journal.
const replayBound = time.Second

// replayed says whether the rows that a killed process left in the journal are
// in the database.
func (t *toucher) replayed(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, replayBound)
	defer cancel()
	return t.journal.Flush(ctx) == nil // it tells of its troubles itself
}

// keep stores the uses: first those that a killed process had not stored, which
// can be told from the ones that are stored as long as there are no newer ones.
func (t *toucher) keep(ctx context.Context) error {
	if !t.caughtUp {
		if err := t.store.CatchUpUses(ctx); err != nil {
			return err
		}
		t.caughtUp = true
	}
	if err := t.store.TouchKeys(ctx, t.used); err != nil {
		return err
	}
	clear(t.used)
	return nil
}

func (t *toucher) tell(err error) {
	if err != nil {
		t.log.Warn("the last use of keys cannot be stored; it is tried again", "error", err)
		return
	}
	t.log.Info("the last use of keys is stored again")
}

// stop stores the last uses and ends.
func (t *toucher) stop() {
	t.end()
	<-t.ended
}
