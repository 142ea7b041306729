package journal

import (
	"context"
	"errors"
	"math"

	"tollgate"
)

// Flush returns when everything that ended before the call is in the ledger,
// or when ctx ends.
func (j *Journal) Flush(ctx context.Context) error {
	goal := int64(math.MaxInt64)
	for {
		j.mu.Lock()
		written := j.written.Load()
		if len(j.pending)+len(j.estates) == 0 { // what had ended is in the segments, or stored
			goal = min(goal, written)
		}
		progress, fed := j.progress, j.feeder.fed
		j.mu.Unlock()
		if fed >= goal {
			return nil
		}
		signal(j.wake)
		signal(j.hurry)
		select {
		case <-progress:
		case <-ctx.Done():
			return tollgate.Errorf(tollgate.Internal, "%d requests are not stored in the database yet", j.Stats().Waiting).Because(ctx.Err())
		}
	}
}

// Renew begins a new segment with the next record. The one before is removed as
// soon as everything in it is in the ledger and nothing that begins in it is under
// way: until then, it has what is to be forgotten.
func (j *Journal) Renew() {
	j.hold()
	defer j.giveBack()
	j.retire()
}

// Stop ends the journal: what has ended is handed to the ledger until ctx ends,
// and what it did not take stays in the folder for the next process. The error
// says how many requests could be kept nowhere. It is called once, when
// everything that was begun has ended: what has not is interrupted.
func (j *Journal) Stop(ctx context.Context) error {
	flushed := j.Flush(ctx)
	j.stop()
	j.loops.Wait()
	j.hold()
	j.over = true
	j.restore()
	j.giveBack()
	synced := j.sync()
	lost, begun := j.left()
	if lost > 0 {
		return errors.Join(tollgate.Errorf(tollgate.Internal, "%d requests could be stored neither in the database nor in the journal", lost).Because(flushed), j.leave())
	}
	if flushed == nil && begun == 0 {
		flushed = j.ledger.Sync(context.WithoutCancel(ctx))
	}
	if flushed != nil || begun > 0 {
		j.log.Warn("not all of the journal is in the database; the next start stores it", "requests", j.Stats().Waiting, "journal", j.folder.path, "cause", flushed)
		return errors.Join(synced, j.leave())
	}
	for len(j.segments) > 0 {
		j.drop(j.segments[0])
	}
	return errors.Join(j.folder.remove(), j.leaveEstates())
}

// left is how many closed requests are in memory alone, and how many requests
// have not ended.
func (j *Journal) left() (pending, begun int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.pending), len(j.begun)
}

// leave lets another process have everything that this one has not stored.
func (j *Journal) leave() error {
	err := j.folder.leave()
	for _, each := range j.segments {
		err = errors.Join(err, each.file.Close())
	}
	return errors.Join(err, j.leaveEstates())
}

func (j *Journal) leaveEstates() (err error) {
	for _, left := range j.estates {
		err = errors.Join(err, left.close(), left.leave())
	}
	return err
}
