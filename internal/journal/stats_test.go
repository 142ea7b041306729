package journal

import (
	"context"
	"testing"
	"time"

	"tollgate"
)

// TestStats_OldestIsNotTheLastPause: a request that ends after an hour without
// any has waited for a moment.
func TestStats_OldestIsNotTheLastPause(t *testing.T) {
	w := newWorld(t)
	j := w.open(t)
	w.ledger.setAway(errAway)
	w.later.Add(int64(time.Hour))
	j.End(request("a"))
	if s := j.Stats(); s.Waiting != 1 || s.Oldest > time.Minute {
		t.Errorf("%+v", s)
	}
	w.later.Add(int64(time.Hour))
	if s := j.Stats(); s.Oldest < time.Hour {
		t.Errorf("%+v", s)
	}
	w.ledger.setAway(nil)
	mustFlush(t, j)
	if s := j.Stats(); s.Waiting != 0 || s.Oldest != 0 {
		t.Errorf("%+v", s)
	}
}

// TestStats_WaitingIsExact after records have been written twice.
func TestStats_WaitingIsExact(t *testing.T) {
	w := newWorld(t)
	j := w.open(t)
	mustBegin(t, j, "open")
	w.ledger.setAway(errAway)
	for _, id := range names("r", 5) {
		j.End(request(id))
	}
	w.disk.set(faults{sync: ioFault})
	if err := j.sync(); err != nil {
		t.Fatal(err)
	}
	w.ledger.setAway(nil)
	mustFlush(t, j)
	w.ledger.setAway(errAway)
	j.End(request("waits"))
	if s := j.Stats(); s.Waiting != 1 {
		t.Errorf("%+v", s)
	}
}

// TestStats_CountWhatADeadProcessLeft from the moment it is found.
func TestStats_CountWhatADeadProcessLeft(t *testing.T) {
	w := newWorld(t)
	w.ledger.setAway(errAway)
	j := w.open(t)
	mustBegin(t, j, "a")
	next := w.open(t)
	w.later.Add(int64(time.Hour))
	left := j.Stats().Bytes
	kill(j)
	next.look()
	if s := next.Stats(); s.Waiting != 1 || s.Oldest > time.Minute || s.Bytes != left || s.Killed != 1 {
		t.Errorf("%+v", s)
	}
	w.ledger.setAway(nil)
	mustFlush(t, next)
	if s := next.Stats(); s.Waiting != 0 || s.Bytes != 0 {
		t.Errorf("%+v", s)
	}
}

// TestStats_WhileItIsFed, batch by batch.
func TestStats_WhileItIsFed(t *testing.T) {
	w := newWorld(t)
	j := w.open(t)
	j.stop() // it is fed by hand
	j.loops.Wait()
	for _, id := range names("r", batchSize+3) {
		j.End(request(id))
	}
	w.later.Add(int64(time.Hour))
	j.feed(t.Context())
	if s := j.Stats(); s.Waiting != 3 || s.Oldest < time.Hour {
		t.Errorf("%+v", s)
	}
	meanwhile := func() { j.End(request("meanwhile")) }
	j.ledger = during{w.ledger, meanwhile}
	j.feed(t.Context())
	if s := j.Stats(); s.Waiting != 1 || s.Oldest > time.Minute {
		t.Errorf("%+v", s)
	}
}

// during is a ledger in whose commits something happens.
type during struct {
	*memory
	do func()
}

func (d during) Append(ctx context.Context, batch []*tollgate.Exchange) error {
	d.do()
	return d.memory.Append(ctx, batch)
}

// TestStats_SegmentInWhichNothingEnded changes nothing.
func TestStats_SegmentInWhichNothingEnded(t *testing.T) {
	w := newWorld(t)
	j := w.open(t)
	mustBegin(t, j, "open")
	j.End(request("a"))
	j.hold()
	j.retire()
	j.giveBack()
	mustBegin(t, j, "b")
	mustFlush(t, j)
	if s := j.Stats(); s.Waiting != 0 {
		t.Errorf("%+v", s)
	}
}
