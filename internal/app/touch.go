package app

import (
	"context"
	"log/slog"
	"maps"
	"time"

	"tollgate/internal/identity"
	"tollgate/internal/store"
)

// touchEvery is how late the stored last use of a key is at most.
const touchEvery = 5 * time.Second

// toucher stores when keys were last used, behind the traffic.
type toucher struct {
	store *store.Store
	keys  *identity.Directory
	log   *slog.Logger
	used  map[string]time.Time // not stored yet
	end   context.CancelFunc
	ended chan struct{}
}

// touch starts a toucher.
func touch(s *store.Store, keys *identity.Directory, log *slog.Logger) *toucher {
	ctx, end := context.WithCancel(context.Background())
	t := &toucher{store: s, keys: keys, log: log, used: map[string]time.Time{}, end: end, ended: make(chan struct{})}
	go t.run(ctx)
	return t
}

func (t *toucher) run(ctx context.Context) {
	defer close(t.ended)
	tick := time.NewTicker(touchEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			t.touch(ctx)
		case <-ctx.Done():
			t.touch(context.WithoutCancel(ctx))
			return
		}
	}
}

// touch stores what has not been. What cannot be is tried again with the next.
func (t *toucher) touch(ctx context.Context) {
	failedBefore := len(t.used) > 0
	maps.Copy(t.used, t.keys.TakeUsed())
	err := t.store.TouchKeys(ctx, t.used)
	if err == nil {
		clear(t.used)
	} else if !failedBefore {
		t.log.Warn("the last use of keys cannot be stored; it is tried again", "error", err)
	}
}

// stop stores the last uses and ends.
func (t *toucher) stop() {
	t.end()
	<-t.ended
}
