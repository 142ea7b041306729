package journal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"tollgate"
)

// Ledger is where closed requests go.
type Ledger interface {
	// Append adds rows, all or none. It may be given a row again, of which it
	// keeps the first. An error of kind Invalid says that a row of the batch
	// can never be added; after any other the same batch is tried again.
	Append(ctx context.Context, batch []*tollgate.Exchange) error
	// Sync returns when everything appended would survive a power cut.
	Sync(ctx context.Context) error
}

// Options are what a journal works with.
type Options struct {
	Config
	Ledger Ledger
	Log    *slog.Logger
	Now    func() time.Time

	Disk         Disk          // nil: the local one
	segmentBytes int64         // 0: the constant of this name
	patience     time.Duration // 0: the constant of this name
}

// patience is how long a request waits for a disk that does not answer.
const patience = 5 * time.Second

// Journal is one process's journal. Its methods may be called from any
// goroutine.
type Journal struct {
	config  Config
	ledger  Ledger
	log     *slog.Logger
	now     func() time.Time
	disk    Disk
	most    int64 // bytes of a segment
	patient time.Duration

	folder *folder

	// turn is held, by a message in it, by whoever writes: it can be waited
	// for with a bound, which a mutex cannot.
	turn     chan struct{}
	active   *segment   // nil: none could be made
	number   int        // of the last segment
	sequence uint64     // of the last record
	unsynced []byte     // closed records since the last sync began
	dirty    []*segment // written since the last sync began
	round    *round     // what the next sync completes
	failedAt time.Time  // when the disk last failed; zero while it works
	unsafe   bool       // what the last sync was to put on the disk is not there
	over     bool       // no request is taken any more

	syncing sync.Mutex // held by a sync

	bytes   atomic.Int64 // of all segments
	written atomic.Int64 // bytes ever appended to own segments

	urgent chan struct{} // somebody waits for a sync
	lazy   chan struct{} // something is not synced
	wake   chan struct{} // something is not fed
	hurry  chan struct{} // do not let more of it gather
	stop   context.CancelFunc
	loops  sync.WaitGroup

	feeder feeder

	mu       sync.Mutex // below: held for a moment by anybody
	begun    map[string]*entry
	segments []*segment           // own ones, oldest first
	closed   int64                // closed records ever appended to them
	estates  []*estate            // of dead processes, not fed yet
	pending  []*tollgate.Exchange // ended, and in no journal
	progress chan struct{}        // closed and replaced when the feeder has come on
	told     time.Time            // when the log last heard that a request was not recorded
	counts   counts
}

// entry is a request that was begun and has not ended. Whoever holds the turn
// may use what is in it.
type entry struct {
	in   *segment
	body []byte // its record, to be written again elsewhere
}

// mostPending bounds the closed requests that are kept in memory because the
// journal cannot take them.
const mostPending = 8192

// Open begins a journal under path and takes over what dead processes left
// there. Errors are sentences for whoever started the process.
func Open(path string, options Options) (*Journal, error) {
	j := &Journal{
		config: options.Config, ledger: options.Ledger, log: options.Log, now: options.Now,
		disk: options.Disk, most: options.segmentBytes, patient: options.patience,
		turn: make(chan struct{}, 1), begun: map[string]*entry{}, round: newRound(),
		urgent: make(chan struct{}, 1), lazy: make(chan struct{}, 1), wake: make(chan struct{}, 1), hurry: make(chan struct{}, 1),
		progress: make(chan struct{}), counts: counts{caughtUp: options.Now()},
	}
	if j.disk == nil {
		j.disk = LocalDisk{}
	}
	if j.most == 0 {
		j.most = segmentBytes
	}
	if j.patient == 0 {
		j.patient = patience
	}
	var err error
	if j.folder, err = makeFolder(path, options.Now()); err != nil {
		return nil, err
	}
	if err := j.roll(); err != nil { // proves that the folder can be written
		return nil, errors.Join(unwritable(j.folder.path, err), j.leave())
	}
	j.adopt()
	ctx, stop := context.WithCancel(context.Background())
	j.stop = stop
	j.loops.Go(func() { j.syncLoop(ctx) })
	j.loops.Go(func() { j.feedLoop(ctx) })
	j.loops.Go(func() { j.watchLoop(ctx) })
	return j, nil
}

// Begin records that x is about to be sent, as far as it is known: what it
// would cost if nothing more were ever heard of it. When it returns the kernel
// has the record, so that the death of this process cannot make it forgotten.
// A request that is sent to another upstream is begun again. The error is a
// refusal; the request must then not be sent.
func (j *Journal) Begin(x *tollgate.Exchange) (Ticket, error) {
	buffer := takeBuffer()
	defer buffer.give()
	buffer.bytes = appendExchange(begin(buffer.bytes, opened), x)
	if !j.take(j.patient) {
		return j.unable(errStalled)
	}
	defer j.giveBack()
	switch {
	case j.over:
		return j.unable(errStopped)
	case j.unsafe: // it would be sent, billed, and not answered
		return j.unable(errUnsafe)
	case j.bytes.Load()+int64(len(buffer.bytes)) > int64(j.config.MaxBytes):
		return j.unable(errFull)
	}
	if err := j.write(buffer.bytes); err != nil {
		return j.unable(err)
	}
	j.enter(x, &entry{in: j.active, body: slices.Clone(buffer.bytes)})
	signal(j.urgent)
	return Ticket{j, j.round}, nil
}

// End records all that became of x, begun or not. Nobody may write to x any
// more. It never fails: what the journal cannot take is kept in memory and
// handed to the ledger from there. A request that no provider has seen is the
// only one that may be dropped, when there is no room for it anywhere; so is
// one that was served without a record, because the configuration says so.
func (j *Journal) End(x *tollgate.Exchange) {
	buffer := takeBuffer()
	defer buffer.give()
	buffer.bytes = appendExchange(begin(buffer.bytes, closed), x)
	if !j.take(j.patient) {
		j.keep(x)
		return
	}
	defer j.giveBack()
	if j.over || !j.room(x) || j.write(buffer.bytes) != nil {
		j.keep(x)
		return
	}
	j.unsynced = append(j.unsynced, buffer.bytes...)
	j.settle(x)
	signal(j.lazy)
	signal(j.wake)
}

// enter notes that a request is under way.
func (j *Journal) enter(x *tollgate.Exchange, as *entry) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.begun[x.ID] = as
}

// room says whether a closed request may be written. One that was begun may in
// any case; the others must neither pass the bound nor gather, unsynced, behind
// a sync that fails. The turn is held.
func (j *Journal) room(x *tollgate.Exchange) bool {
	if !j.unsafe && j.bytes.Load() <= int64(j.config.MaxBytes) {
		return true
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.begun[x.ID] != nil
}

// settle takes closed requests, which the journal or the ledger has, out of
// those under way and out of memory.
func (j *Journal) settle(rows ...*tollgate.Exchange) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, x := range rows {
		delete(j.begun, x.ID)
		if at := slices.Index(j.pending, x); at >= 0 {
			j.pending = slices.Delete(j.pending, at, at+1)
		}
	}
}

// keep holds a closed request in memory until the ledger or the journal takes
// it.
func (j *Journal) keep(x *tollgate.Exchange) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.pending) >= mostPending && j.begun[x.ID] == nil {
		j.counts.lost++
		j.log.Error("a request has no row: neither the journal nor the database takes it", "request", x.ID, "upstream", x.Upstream, "cost", x.Cost)
		return
	}
	j.arrive()
	j.pending = append(j.pending, x)
	signal(j.wake)
}

// ErrUnable is what every refusal of Begin and Durable is.
var ErrUnable = errors.New("the request cannot be recorded")

// Why a request cannot be recorded.
var (
	errFull    = errors.New("the journal is as large as journal.max_bytes allows, because the database does not take it")
	errStalled = errors.New("the disk of the journal does not answer")
	errUnsafe  = errors.New("the disk of the journal does not keep what is written")
	errStopped = errors.New("the journal is closed")
)

// unableEvery is how often the log is told that requests are not recorded.
const unableEvery = 10 * time.Second

// unable is what becomes of a request that cannot be recorded.
func (j *Journal) unable(cause error) (Ticket, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	serve := j.config.WhenUnable == Serve
	if now := j.now(); now.Sub(j.told) >= unableEvery {
		j.told = now
		j.log.Error("requests cannot be recorded; see journal.when_unable", "served", serve, "cause", cause)
	}
	if serve {
		j.counts.unrecorded++
		return Ticket{}, nil
	}
	j.counts.refused++
	refusal := tollgate.Errorf(tollgate.Unrecorded, "this gateway cannot record requests just now, and it sends none that it cannot record; try again in a moment, and tell your administrator if it lasts").Because(fmt.Errorf("%w: %w", ErrUnable, cause))
	refusal.RetryAfter = 5 * time.Second
	return Ticket{}, refusal
}

// take waits for the turn to write, for a while.
func (j *Journal) take(patience time.Duration) bool {
	select {
	case j.turn <- struct{}{}:
		return true
	default:
	}
	bound := time.NewTimer(patience)
	defer bound.Stop()
	select {
	case j.turn <- struct{}{}:
		return true
	case <-bound.C:
		return false
	}
}

// hold waits for the turn as long as it takes.
func (j *Journal) hold() { j.turn <- struct{}{} }

func (j *Journal) giveBack() { <-j.turn }

// signal leaves a message in a channel of one, unless there is one already.
func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
