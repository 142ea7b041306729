package journal

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"tollgate"
)

// TestBound_HoldsForWhatWasRefused: rows of requests that no provider has seen
// do not make the journal grow beyond its bound, however long the database is
// away.
func TestBound_HoldsForWhatWasRefused(t *testing.T) {
	w := newWorld(t)
	w.config.MaxBytes = 16 << 10
	w.ledger.setAway(errAway)
	j := w.open(t)
	mustBegin(t, j, "open")
	ids := names("refused", 200)
	for _, id := range ids {
		j.End(request(id))
	}
	j.look()
	if got := j.Stats().Bytes; got > 17<<10 {
		t.Errorf("%d bytes", got)
	}
	j.End(request("open")) // this one is recorded in any case
	w.ledger.setAway(nil)
	mustStop(t, j)
	sameIDs(t, w, append(ids, "open")...)
}

// TestFlush_WaitsForWhatCameOutOfMemory: a row that goes from memory to the
// journal while somebody waits for it is waited for there.
func TestFlush_WaitsForWhatCameOutOfMemory(t *testing.T) {
	w := newWorld(t)
	j := w.open(t)
	j.stop() // the loops are driven by hand
	j.loops.Wait()
	w.disk.set(faults{write: noSpace, create: noSpace, sticky: true})
	j.End(request("a"))
	flushed := make(chan error, 1)
	go func() { flushed <- j.Flush(soon(t)) }()
	<-j.hurry // it waits
	w.disk.set(faults{})
	w.later.Add(int64(2 * retryAfter))
	j.look()
	j.progressed()
	select {
	case err := <-flushed:
		t.Fatalf("flushed, %v, and the ledger has %q", err, w.ledger.ids())
	case <-j.hurry: // it waits again
	}
	j.feed(t.Context())
	if err := <-flushed; err != nil {
		t.Fatal(err)
	}
	sameIDs(t, w, "a")
}

// unsyncable is a ledger that takes rows and cannot put them on its disk.
type unsyncable struct {
	*memory
	fault error
	syncs chan struct{}
}

func (u *unsyncable) Sync(ctx context.Context) error {
	select {
	case u.syncs <- struct{}{}:
		return u.fault
	case <-ctx.Done():
		return ctx.Err()
	}
}

// TestLedger_ThatCannotBeSynced: it is told, and what a dead process left is
// not stored over and over.
func TestLedger_ThatCannotBeSynced(t *testing.T) {
	w := newWorld(t)
	w.ledger.setAway(errAway)
	j := w.open(t)
	mustBegin(t, j, "a")
	j.End(request("a"))
	kill(j)
	w.ledger.setAway(nil)
	ledger := &counting{unsyncable: unsyncable{w.ledger, ioFault, make(chan struct{})}}
	next, err := Open(w.path, Options{Config: w.config, Ledger: ledger, Now: w.now, Log: slog.New(slog.NewTextHandler(w.log, nil)), Disk: w.disk})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { kill(next) })
	for range 4 {
		<-ledger.syncs
	}
	if s := next.Stats(); !s.StoreFailing || s.Waiting != 1 {
		t.Errorf("%+v", s)
	}
	if ledger.appends > 1 {
		t.Errorf("stored %d times", ledger.appends)
	}
	if n := strings.Count(w.log.String(), "error=\"input/output error"); n != 1 {
		t.Errorf("told %d times: %s", n, w.log)
	}
}

// counting counts batches. They come from one goroutine, which stands in Sync
// when it is asked.
type counting struct {
	unsyncable
	appends int
}

func (c *counting) Append(ctx context.Context, batch []*tollgate.Exchange) error {
	c.appends++
	return c.unsyncable.Append(ctx, batch)
}

// TestPromise2_WhatMemoryHadSurvivesAPowerCut, once it is let go.
func TestPromise2_WhatMemoryHadSurvivesAPowerCut(t *testing.T) {
	w := newWorld(t)
	j := w.open(t)
	w.disk.set(faults{write: noSpace, create: noSpace, sticky: true})
	j.End(request("a"))
	mustFlush(t, j)
	w.ledger.cut()
	sameIDs(t, w, "a")
}

// TestPromise2_SegmentStaysUntilTheDiskHasElsewhere what was under way in it.
func TestPromise2_SegmentStaysUntilTheDiskHasElsewhere(t *testing.T) {
	w := newWorld(t)
	j := w.open(t)
	mustBegin(t, j, "open")
	j.stop() // nothing is synced any more
	j.loops.Wait()
	j.patient = 1 // nanosecond
	j.hold()
	j.retire()
	j.giveBack()
	j.feed(t.Context())
	kill(j)
	paths, err := j.folder.segments()
	if err == nil {
		err = w.disk.pull(paths)
	}
	if err != nil {
		t.Fatal(err)
	}
	mustStop(t, w.open(t))
	sameIDs(t, w, "open")
}

// TestFlush_DoesNotWaitForWhatComesLater, or else traffic would hold it up for
// ever.
func TestFlush_DoesNotWaitForWhatComesLater(t *testing.T) {
	w := newWorld(t)
	j := w.open(t)
	j.stop()
	j.loops.Wait()
	j.End(request("a"))
	flushed := make(chan error, 1)
	go func() { flushed <- j.Flush(soon(t)) }()
	<-j.hurry // it waits
	j.ledger = during{w.ledger, func() { j.End(request("later")) }}
	j.feed(t.Context())
	if err := <-flushed; err != nil {
		t.Error(err)
	}
}
