package store

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"tollgate"
)

// Bounds of the writer; docs/design/store.md has the measurements behind them.
const (
	batchSize  = 512                    // rows in one transaction
	backlog    = 8192                   // rows not stored yet, about 12 MB; Record waits above that
	pace       = 25 * time.Millisecond  // between commits, while fewer rows than a batch are waiting
	firstRetry = 100 * time.Millisecond // after a commit that failed, doubled
	lastRetry  = 5 * time.Second        // up to this
	touchEvery = 5 * time.Second        // the last use of keys is at most this late
)

// Ledger is where a Writer puts what it is given. Append is all or nothing and
// may be repeated: a row that is there already stays as it is.
type Ledger interface {
	Append(ctx context.Context, batch []*tollgate.Exchange) error
	TouchKeys(ctx context.Context, used map[string]time.Time) error
}

// Writer stands in front of the ledger, so that no request waits for a
// database, and rows are committed together, which costs a tenth of committing
// each. A row that comes after a pause is committed at once; then there is at
// most one commit in 25 ms until a full batch has gathered. Nothing is ever
// dropped: while the ledger fails the rows are kept and tried again, and when
// too many wait, Record waits too.
//
// One goroutine writes. It ends with Close.
type Writer struct {
	ledger  Ledger
	log     *slog.Logger
	onTouch func() map[string]time.Time
	used    map[string]time.Time // last uses that are not stored yet; the goroutine's own

	wake  chan struct{} // rows are waiting
	hurry chan struct{} // do not let more of them gather
	stop  context.CancelFunc
	ended chan struct{} // the goroutine is done

	mu       sync.Mutex
	waiting  []*tollgate.Exchange
	recorded int64         // rows handed to Record
	stored   int64         // rows committed
	closing  bool          // end when nothing is waiting
	over     bool          // nothing is taken any more
	progress chan struct{} // closed and replaced when stored grows
	room     *sync.Cond    // stored has grown, or it is over
}

// NewWriter starts a writer. onTouch is asked every few seconds which keys
// have been used since it was last asked, and when.
func NewWriter(ledger Ledger, log *slog.Logger, onTouch func() map[string]time.Time) *Writer {
	ctx, stop := context.WithCancel(context.Background())
	w := &Writer{
		ledger:   ledger,
		log:      log,
		onTouch:  onTouch,
		used:     map[string]time.Time{},
		wake:     make(chan struct{}, 1),
		hurry:    make(chan struct{}, 1),
		stop:     stop,
		ended:    make(chan struct{}),
		progress: make(chan struct{}),
	}
	w.room = sync.NewCond(&w.mu)
	go w.run(ctx)
	return w
}

// Record hands over the row of a request that has ended; nobody may write to x
// any more. It returns at once unless the backlog is full. What is recorded
// after Close has ended is told in the log, since it can no longer be kept.
func (w *Writer) Record(x *tollgate.Exchange) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.recorded-w.stored >= backlog && !w.over {
		w.room.Wait()
	}
	if w.over {
		w.log.Error("a request ended after the ledger was closed and has no row", "request", x.ID, "cost", x.Cost)
		return
	}
	w.waiting = append(w.waiting, x)
	w.recorded++
	signal(w.wake)
	if len(w.waiting) >= batchSize {
		signal(w.hurry)
	}
}

// Flush returns when everything that was recorded before the call is
// committed, or when ctx ends.
func (w *Writer) Flush(ctx context.Context) error {
	w.mu.Lock()
	goal := w.recorded
	w.mu.Unlock()
	for {
		w.mu.Lock()
		stored, progress := w.stored, w.progress
		w.mu.Unlock()
		if stored >= goal {
			return nil
		}
		signal(w.hurry)
		select {
		case <-progress:
		case <-w.ended:
			return w.unstored(nil)
		case <-ctx.Done():
			return w.unstored(ctx.Err())
		}
	}
}

// Abandon makes everything that waits for storage give up: Record, Flush and
// Close return, and what is not stored is told in the log or by Close.
func (w *Writer) Abandon() { w.stop() }

// Close commits everything that is recorded and ends the writer. When ctx ends
// first it gives up, and the error says how many rows are not stored.
func (w *Writer) Close(ctx context.Context) error {
	w.mu.Lock()
	w.closing = true
	w.mu.Unlock()
	signal(w.wake)
	signal(w.hurry)
	select {
	case <-w.ended:
	case <-ctx.Done():
		w.stop()
		<-w.ended
	}
	w.stop()
	return w.unstored(ctx.Err())
}

// Counts are the rows recorded and the rows stored since the start. They
// differ by what is waiting.
func (w *Writer) Counts() (recorded, stored int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.recorded, w.stored
}

// unstored is an error while rows are waiting.
func (w *Writer) unstored(cause error) error {
	recorded, stored := w.Counts()
	if recorded == stored {
		return nil
	}
	return tollgate.Errorf(tollgate.Internal, "%d requests are not stored in the ledger yet", recorded-stored).Because(cause)
}

// run is the goroutine.
func (w *Writer) run(ctx context.Context) {
	defer close(w.ended)
	touch := time.NewTicker(touchEvery)
	defer touch.Stop()
	for !w.finished(ctx) {
		select {
		case <-ctx.Done():
		case <-touch.C:
			w.touch(ctx)
		case <-w.wake:
			w.drain(ctx)
			w.gather(ctx)
		}
	}
	w.touch(ctx)
}

// finished says whether the goroutine may end, and shuts the door when it may.
func (w *Writer) finished(ctx context.Context) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.over = ctx.Err() != nil || w.closing && w.recorded == w.stored
	if w.over {
		w.room.Broadcast()
	} else if len(w.waiting) > 0 {
		signal(w.wake)
	}
	return w.over
}

// drain commits what is waiting now. What comes meanwhile is for the next
// time, or else every commit would take only the few rows that arrived during
// the one before.
func (w *Writer) drain(ctx context.Context) {
	w.mu.Lock()
	rows := w.waiting
	w.waiting = nil
	w.mu.Unlock()
	for batch := range slices.Chunk(rows, batchSize) {
		if !w.store(ctx, batch) {
			return
		}
	}
}

// store commits a batch, however often it has to try. False says that ctx
// ended before it could.
func (w *Writer) store(ctx context.Context, batch []*tollgate.Exchange) bool {
	var failing time.Time
	for wait := firstRetry; ; wait = min(2*wait, lastRetry) {
		err := w.ledger.Append(ctx, batch)
		if err == nil {
			w.committed(len(batch), failing)
			return true
		}
		if failing.IsZero() {
			failing = time.Now()
			w.log.Error("the ledger cannot be written; requests are kept in memory and it is tried again", "requests", len(batch), "error", err)
		}
		if !sleep(ctx, wait, nil) {
			return false
		}
	}
}

// committed counts a batch and wakes whoever waits for it.
func (w *Writer) committed(rows int, failing time.Time) {
	if !failing.IsZero() {
		w.log.Info("the ledger is written again", "requests", rows, "after", time.Since(failing))
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stored += int64(rows)
	close(w.progress)
	w.progress = make(chan struct{})
	w.room.Broadcast()
}

// gather lets rows come together before the next commit.
func (w *Writer) gather(ctx context.Context) {
	sleep(ctx, pace, w.hurry)
}

// touch stores when keys were last used. What cannot be stored is tried again
// with the next.
func (w *Writer) touch(ctx context.Context) {
	failedBefore := len(w.used) > 0
	maps.Copy(w.used, w.onTouch())
	err := w.ledger.TouchKeys(ctx, w.used)
	if err == nil {
		clear(w.used)
	} else if !failedBefore {
		w.log.Warn("the last use of keys cannot be stored; it is tried again", "error", err)
	}
}

// sleep waits, unless it is told to hurry. False says that ctx ended.
func sleep(ctx context.Context, wait time.Duration, hurry <-chan struct{}) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-hurry:
	case <-ctx.Done():
		return false
	}
	return true
}

// signal leaves a message in a channel of one, unless there is one already.
func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
