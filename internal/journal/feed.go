package journal

import (
	"context"
	"slices"
	"time"

	"tollgate"
)

// Bounds of the feeder; docs/design/store.md has the measurements behind the
// first two.
const (
	batchSize  = 512                    // rows in one transaction
	gatherPace = 25 * time.Millisecond  // between commits, while fewer rows than a batch are waiting
	firstRetry = 100 * time.Millisecond // after a commit that failed, doubled
	lastRetry  = 5 * time.Second        // up to this
	lookEvery  = time.Second            // for processes that have died, and a disk that works again
)

// feeder is how far the ledger has been fed.
type feeder struct {
	fed    int64 // bytes of own segments; under Journal.mu, like the next
	closed int64 // closed records in these, be it that they could be read or not

	// The goroutine's own.
	in     *segment // what reader reads
	reader reader
	order  order
}

// feedLoop hands closed requests to the ledger.
func (j *Journal) feedLoop(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-j.wake:
		}
		for j.feed(ctx) && ctx.Err() == nil {
		}
		sleep(ctx, gatherPace, j.hurry)
	}
}

// watchLoop looks after what changes by itself.
func (j *Journal) watchLoop(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		j.look()
	}
}

// look adopts whoever has died, and tries a disk that has failed.
func (j *Journal) look() {
	j.adopt()
	j.mu.Lock()
	behind := j.counts.failing || len(j.pending) > 0
	j.mu.Unlock()
	if !behind {
		return
	}
	signal(j.urgent)
	signal(j.wake)
	if j.take(j.patient) {
		j.restore()
		j.giveBack()
	}
}

// restore writes what is kept in memory to a journal that takes records again,
// as far as its bound allows. The turn is held.
func (j *Journal) restore() {
	j.mu.Lock()
	rows := slices.Clone(j.pending)
	j.mu.Unlock()
	for _, x := range rows {
		if !j.room(x) {
			continue
		}
		record := appendExchange(begin(nil, closed), x)
		if j.write(record) != nil {
			return
		}
		j.unsynced = append(j.unsynced, record...)
		j.settle(x)
	}
	signal(j.lazy)
	signal(j.wake)
}

// feed does one piece of work. It says whether there is more to be done at
// once: what comes meanwhile is for the next time, or else every commit would
// take only the few rows that arrived during the one before.
func (j *Journal) feed(ctx context.Context) (more bool) {
	begun := j.now()
	if j.feedPending(ctx) || j.feedEstate(ctx) || j.feedOwn(ctx) {
		return true
	}
	if ctx.Err() == nil {
		j.count(func(c *counts) { c.caughtUp = begun })
	}
	return false
}

// feedPending stores what is kept in memory only.
func (j *Journal) feedPending(ctx context.Context) (more bool) {
	j.mu.Lock()
	rows := slices.Clone(j.pending[:min(len(j.pending), batchSize)])
	j.mu.Unlock()
	if len(rows) == 0 || !j.store(ctx, rows) || !j.syncLedger(ctx) {
		return false
	}
	j.settle(rows...)
	j.progressed()
	return true
}

// feedEstate stores what the first dead process left, all of it. What had
// ended comes before what was interrupted: of an id the first row stays.
func (j *Journal) feedEstate(ctx context.Context) (more bool) {
	left := j.firstEstate()
	if left == nil {
		return false
	}
	for _, each := range left.segments {
		r := reader{from: each.file, end: each.size.Load()}
		for r.at < r.end {
			if !j.store(ctx, j.batch(each, &r, nil)) {
				return false
			}
		}
	}
	for rows := range slices.Chunk(left.interrupted(), batchSize) {
		if !j.store(ctx, rows) {
			return false
		}
	}
	if !j.syncLedger(ctx) {
		return false
	}
	for _, each := range left.segments {
		j.discard(each)
	}
	if err := left.remove(); err != nil {
		j.log.Warn("the folder of a dead process in the journal, which is stored, could not be cleared away", "folder", left.path, "cause", err)
	}
	j.mu.Lock()
	j.estates = j.estates[1:]
	j.mu.Unlock()
	j.progressed()
	return true
}

func (j *Journal) firstEstate() *estate {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.estates) == 0 {
		return nil
	}
	return j.estates[0]
}

// feedOwn stores the next batch of this process's own.
func (j *Journal) feedOwn(ctx context.Context) (more bool) {
	f := &j.feeder
	if !j.choose(f) {
		return false
	}
	j.mu.Lock()
	sealed, end, through := f.in.sealed.Load(), f.in.size.Load(), f.in.closed
	j.mu.Unlock()
	f.reader.end = end
	from := f.reader.at
	rows := j.batch(f.in, &f.reader, &f.order)
	if !j.store(ctx, rows) {
		return false // and nothing is read any more
	}
	if f.reader.at < end {
		through = f.closed + int64(len(rows))
	}
	j.advance(f.reader.at-from, through)
	if !sealed || f.reader.at < end {
		return len(rows) == batchSize
	}
	if j.secure(ctx, f.in) {
		j.drop(f.in)
		f.in = nil
	}
	return true
}

// choose makes the oldest segment that is left the one to read.
func (j *Journal) choose(f *feeder) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if f.in == nil && len(j.segments) > 0 {
		f.in = j.segments[0]
		f.reader = reader{from: f.in.file}
	}
	return f.in != nil
}

// batch reads closed requests, a batch of them at most.
func (j *Journal) batch(from *segment, r *reader, follows *order) (rows []*tollgate.Exchange) {
	for len(rows) < batchSize {
		one, ok := r.next()
		if !ok {
			break
		}
		if follows != nil {
			j.missing(from.path, follows.gap(one.sequence))
		}
		if one.kind != closed {
			continue
		}
		x, err := readExchange(one.body)
		if err != nil {
			r.damage = append(r.damage, stretch{from: r.at, to: r.at})
			continue
		}
		rows = append(rows, x)
	}
	if follows != nil {
		j.report(from, r) // of what a dead process left it has been told
	}
	return rows
}

// secure makes sure that a segment of this process's own is not needed any
// more: what was fed from it would survive a power cut, and so would the
// requests under way, which are written again elsewhere. False says that it
// could not; it is to be tried again.
func (j *Journal) secure(ctx context.Context, done *segment) bool {
	if !j.syncLedger(ctx) {
		return false
	}
	round, err := j.carryOut(done)
	if err == nil {
		err = round.wait(ctx, j.patient)
	}
	if err != nil {
		sleep(ctx, firstRetry, nil)
	}
	return err == nil
}

// carryOut takes the requests under way out of a segment. When the round has
// succeeded, the disk has them elsewhere.
func (j *Journal) carryOut(of *segment) (*round, error) {
	if !j.take(j.patient) {
		return nil, errStalled
	}
	defer j.giveBack()
	signal(j.urgent)
	return j.round, j.carry([]*segment{of})
}

// drop clears a segment of this process's own away.
func (j *Journal) drop(done *segment) {
	j.mu.Lock()
	at := slices.Index(j.segments, done)
	if at >= 0 {
		j.segments = slices.Delete(j.segments, at, at+1)
	}
	j.mu.Unlock()
	if at >= 0 {
		j.discard(done)
	}
}

// store commits a batch, however often it has to try. False says that ctx
// ended before it could.
func (j *Journal) store(ctx context.Context, rows []*tollgate.Exchange) bool {
	if len(rows) == 0 {
		return ctx.Err() == nil
	}
	err := j.insist(ctx, func() error { return j.ledger.Append(ctx, rows) })
	switch {
	case err == nil:
		return true
	case ctx.Err() != nil:
		return false
	case len(rows) > 1:
		half := len(rows) / 2
		return j.store(ctx, rows[:half]) && j.store(ctx, rows[half:])
	}
	j.reject(rows[0], err)
	return true
}

// syncLedger makes what was stored safe from a power cut, however often it has
// to try. False says that ctx ended before it could.
func (j *Journal) syncLedger(ctx context.Context) bool {
	return j.insist(ctx, func() error { return j.ledger.Sync(ctx) }) == nil
}

// insist asks the ledger for something until it does it, says that it never
// can, which is an error of kind Invalid, or ctx ends.
func (j *Journal) insist(ctx context.Context, do func() error) error {
	for wait := firstRetry; ; wait = min(2*wait, lastRetry) {
		err := do()
		if err == nil {
			j.storing(nil)
			return nil
		}
		if tollgate.IsKind(err, tollgate.Invalid) {
			return err
		}
		if ctx.Err() == nil {
			j.storing(err)
		}
		if sleep(ctx, wait, nil); ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// storing notes whether the ledger takes rows.
func (j *Journal) storing(err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case err != nil && !j.counts.storeFailing:
		j.log.Error("the ledger cannot be written; requests are kept in the journal and it is tried again", "error", err)
	case err == nil && j.counts.storeFailing:
		j.log.Info("the ledger is written again")
	}
	j.counts.storeFailing = err != nil
}

// advance notes how far the own segments have been fed.
func (j *Journal) advance(bytes, closed int64) {
	j.mu.Lock()
	j.feeder.fed += bytes
	j.feeder.closed = closed
	j.mu.Unlock()
	j.progressed()
}

// progressed wakes whoever waits for the feeder.
func (j *Journal) progressed() {
	j.mu.Lock()
	defer j.mu.Unlock()
	close(j.progress)
	j.progress = make(chan struct{})
}
