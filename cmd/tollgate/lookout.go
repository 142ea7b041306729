package main

import (
	"context"
	"crypto/sha256"
	"time"

	"tollgate/internal/config"
)

// watchEvery is how often the configuration is looked at.
const watchEvery = 2 * time.Second

// lookout sees that the configuration has changed. It looks at what the files
// say, so that it does not matter how they were changed, and on which file
// system.
type lookout struct {
	look  func() [sha256.Size]byte // nil: there is nothing to watch
	known [sha256.Size]byte        // what was last acted upon
}

// newLookout takes what the file at path says now for known, so it is made before
// that is read. Without a path it sees nothing.
func newLookout(path string) *lookout {
	if path == "" {
		return new(lookout)
	}
	look := func() [sha256.Size]byte { return config.Fingerprint(path) }
	return &lookout{look, look()}
}

// run calls changed after every change, until ctx ends. What it sees has to be
// the same twice: a file that is being written is not read.
func (w *lookout) run(ctx context.Context, changed func()) {
	if w.look == nil {
		return
	}
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	last := w.known
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := w.look()
		if now == last && now != w.known {
			w.known = now
			changed()
		}
		last = now
	}
}
