package journal

import (
	"context"
	"errors"
	"time"
)

const (
	// pace is the least time between two syncs: each costs some twenty
	// microseconds of processor time, and whoever waits for one waits for a
	// provider at the same time, which takes a hundred times as long.
	pace = 2 * time.Millisecond
	// lazyPace is how long a closed record waits for company. Until then a
	// power cut makes an estimate of it.
	lazyPace = 50 * time.Millisecond
)

// syncLoop puts on the disk what has been written.
func (j *Journal) syncLoop(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-j.urgent:
		case <-j.lazy:
			sleep(ctx, lazyPace, j.urgent)
		}
		_ = j.sync() // whoever waits is told, and so is the log
		sleep(ctx, pace, nil)
	}
}

// sync completes a round. What cannot be synced is written again elsewhere:
// after a failed sync nobody knows what of the file is on the disk.
func (j *Journal) sync() error {
	j.syncing.Lock()
	defer j.syncing.Unlock()
	j.hold()
	this, dirty, records := j.round, j.dirty, j.unsynced
	j.round, j.dirty, j.unsynced = newRound(), nil, nil
	j.giveBack()
	if len(dirty) > 0 { // or else a rewrite has been there before
		this.err = j.syncOrRewrite(dirty, records)
	}
	close(this.done)
	return this.err
}

func (j *Journal) syncOrRewrite(dirty []*segment, records []byte) error {
	err := syncAll(dirty)
	if err != nil {
		err = j.rewrite(dirty, records, err)
	}
	j.count(func(c *counts) { c.syncs++ })
	return err
}

func syncAll(segments []*segment) error {
	for _, segment := range segments {
		if segment.suspect {
			return errSuspect
		}
		if err := segment.file.Sync(); err != nil {
			return err
		}
	}
	return nil
}

// errSuspect says that a sync has failed before: what a later one says of the
// same file means nothing.
var errSuspect = errors.New("the file could not be put on the disk before")

// rewrite puts into a new segment what a failed sync may have lost, and what
// has been written since. The turn is held until the disk has it.
func (j *Journal) rewrite(dirty []*segment, records []byte, cause error) error {
	j.hold()
	defer j.giveBack()
	if !j.unsafe {
		j.log.Error("the journal could not be put on the disk; it is written again to a new segment", "folder", j.folder.path, "cause", cause)
	}
	j.unsafe = true
	suspects := append(dirty, j.dirty...)
	for _, each := range suspects {
		each.suspect = true
	}
	records = append(records, j.unsynced...)
	j.retire()
	j.dirty, j.unsynced = nil, nil
	before := place{j.sequence, j.written.Load(), j.closed}
	if err := j.writeAgain(suspects, records); err != nil {
		j.undo(suspects[0], before)
		j.fail(err)
		j.dirty, j.unsynced = suspects, records // the next round tries again
		return err
	}
	j.dirty, j.unsafe = nil, false
	j.recover()
	return nil
}

func (j *Journal) writeAgain(suspects []*segment, records []byte) error {
	if err := j.carry(suspects); err != nil {
		return err
	}
	if err := j.copy(records); err != nil {
		return err
	}
	return syncAll(j.dirty)
}

// place is how far the own segments have been written.
type place struct {
	sequence        uint64
	written, closed int64
}

// undo removes what a rewrite that has failed has written, or else a disk that
// fails for long is filled with copies. The feeder has not come there: it
// cannot have got past the suspects.
func (j *Journal) undo(suspect *segment, to place) {
	j.retire()
	for _, e := range j.begunIn(j.dirty) {
		e.in = suspect // of which it is as likely to be lost
	}
	for _, each := range j.dirty {
		j.drop(each)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.sequence, j.closed = to.sequence, to.closed
	j.written.Store(to.written)
}

// copy appends records that were written before.
func (j *Journal) copy(records []byte) error {
	for len(records) > 0 {
		_, length, err := parse(records)
		if err != nil {
			return err
		}
		if err := j.write(records[:length]); err != nil {
			return err
		}
		records = records[length:]
	}
	return nil
}

// sleep waits, unless it is told to hurry or ctx ends.
func sleep(ctx context.Context, wait time.Duration, hurry <-chan struct{}) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-hurry:
	case <-ctx.Done():
	}
}
