package body

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"filippo.io/age"

	"tollgate"
	"tollgate/internal/bound"
)

// Folder is where bodies lie, below the data folder.
const Folder = "audit/bodies"

// Register is where the keys of people are kept.
type Register interface {
	// Person is the pseudonym of a developer, which is made when it is needed.
	Person(ctx context.Context, email string) (string, error)
	// PersonKeys are the keys of a person, newest first.
	PersonKeys(ctx context.Context, person string) ([]tollgate.PersonKey, error)
	// AddPersonKey keeps a key durably.
	AddPersonKey(ctx context.Context, key tollgate.PersonKey) error
	// Note records what is done in the audit log.
	Note(ctx context.Context, events ...tollgate.AuditEvent) error
}

// Options are what a Vault needs.
type Options struct {
	Folder   string
	Register Register
	// Held says whether a legal hold keeps a body from being removed; nil: none.
	Held func(person, request string) bool
	Now  func() time.Time
	Log  *slog.Logger
}

// Vault keeps bodies. It may be used by many goroutines.
type Vault struct {
	Options
	set     atomic.Pointer[setting]
	memory  bound.Count
	queue   chan job
	stopped atomic.Bool
	quit    chan struct{}
	done    sync.WaitGroup
	keys    keyring
	disk    disk
	lost    losses
	counts  counts
}

// setting is what one configuration makes of it. It is immutable.
type setting struct {
	keep       bool // bodies of requests that arrive now; what is there is bounded in any case
	redactor   *Redactor
	recipients []age.Recipient
	digest     string // of the recipients
	maxBytes   int64
	total      int64
	retention  time.Duration
}

const (
	waitingBodies = 1024      // how many may wait for the disk
	waitingBytes  = 128 << 20 // and how much memory they may take together
	workers       = 2
)

// New makes a Vault that keeps what c says. It has to be stopped.
func New(c Config, o Options) *Vault {
	v := &Vault{Options: o, queue: make(chan job, waitingBodies), quit: make(chan struct{})}
	v.disk = disk{folder: o.Folder, now: o.Now}
	v.Swap(c)
	for range workers {
		v.done.Go(v.work)
	}
	v.done.Go(v.watch)
	return v
}

// Swap puts another configuration in force for requests that arrive from now on.
func (v *Vault) Swap(c Config) {
	s := &setting{
		keep: c.Bodies == Sealed, redactor: NewRedactor(c.Redact), maxBytes: int64(c.Body.MaxBytes),
		total: int64(c.Body.MaxTotalBytes), retention: c.Body.Retention,
	}
	s.recipients, s.digest = recipientsOf(c)
	v.memory.Set(max(waitingBytes, 2*s.maxBytes))
	v.set.Store(s)
}

// Forget lets go of the keys that are remembered. It is called when a person's has
// been destroyed: nothing more is then sealed to it.
func (v *Vault) Forget() { v.keys.clear() }

// take hands a body in, or says why not.
func (v *Vault) take(k *Kept, s *sheet) tollgate.BodyFate {
	switch {
	case s.fate != "":
		return s.fate
	case v.disk.resting():
		s.drop(v, tollgate.BodyNoDisk)
		return s.fate
	}
	select {
	case <-v.quit:
	case v.queue <- job{s, k}:
		return tollgate.BodySealed
	default:
	}
	s.drop(v, tollgate.BodyNoRoom)
	return s.fate
}

// Stop stores what was handed in until ctx ends; the rest is lost, and the audit
// log says so. A second Stop does nothing.
func (v *Vault) Stop(ctx context.Context) {
	if !v.stopped.CompareAndSwap(false, true) {
		return
	}
	v.disk.end = ctx
	close(v.quit)
	v.done.Wait()
	for len(v.queue) > 0 {
		v.fail(<-v.queue, tollgate.BodyNoRoom)
	}
	v.tell(context.WithoutCancel(ctx))
}

func (v *Vault) work() {
	sealer := newSealer()
	var text []byte
	for {
		select {
		case j := <-v.queue:
			text = v.store(sealer, j, text)
		case <-v.quit:
			for len(v.queue) > 0 && v.disk.end.Err() == nil {
				select {
				case j := <-v.queue:
					text = v.store(sealer, j, text)
				default:
				}
			}
			return
		}
	}
}

// store seals a body and writes it. It returns the buffer, to be used again.
func (v *Vault) store(with *sealer, j job, text []byte) []byte {
	defer with.rest()
	text = j.appendTo(text[:0])
	j.release(v)
	ctx, cancel := context.WithTimeout(context.Background(), keyPatience)
	defer cancel()
	person, key, err := v.keys.of(ctx, v.Register, j.who, j.set, v.Now())
	if err != nil {
		v.failed(j, tollgate.BodyNoKey, err)
		return text
	}
	note := Note{Request: j.id, Part: j.part, Digest: j.digest, Bytes: j.bytes, Form: j.form}
	sealed, err := with.seal(Label{person, j.id, j.part}, note, text, j.set.redactor, key)
	if err == nil {
		err = v.write(j, sealed)
	}
	if err != nil {
		v.failed(j, tollgate.BodyNoDisk, err)
		return text
	}
	v.count(j.part, tollgate.BodySealed)
	if cap(text) > keptBuffer {
		return nil
	}
	return text
}

// keyPatience is how long the database may take to say whose key it is.
const keyPatience = 10 * time.Second

func (v *Vault) write(j job, sealed []byte) error {
	if v.disk.over(int64(len(sealed)), j.set.total) {
		v.Sweep(context.Background())
		if v.disk.over(int64(len(sealed)), j.set.total) {
			return errNoPlace
		}
	}
	return v.disk.write(tollgate.BodyName(j.id, j.part, j.digest), sealed)
}

// failed tells of a body that could not be stored.
func (v *Vault) failed(j job, why tollgate.BodyFate, cause error) {
	v.fail(j, why)
	v.Log.Warn("a body could not be kept; its record has its digest", "request", j.id, "body", string(j.part), "why", string(why), "cause", cause)
}

// fail gives a body up: in its record, or where that is written already, in one
// of its own.
func (v *Vault) fail(j job, why tollgate.BodyFate) {
	if j.chunks != nil {
		j.release(v)
	}
	v.count(j.part, why)
	if !j.outcome.CompareAndSwap(nil, &why) {
		v.lost.add(j.id, why)
	}
}

// losses are bodies whose records say that they were sealed, and that could not
// be stored afterwards.
type losses struct {
	mu       sync.Mutex
	counts   map[tollgate.BodyFate]int
	requests []string
}

// namedLosses bounds how many are named in one record.
const namedLosses = 100

func (l *losses) add(request string, why tollgate.BodyFate) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.counts == nil {
		l.counts = map[tollgate.BodyFate]int{}
	}
	l.counts[why]++
	if len(l.requests) < namedLosses && !slices.Contains(l.requests, request) {
		l.requests = append(l.requests, request)
	}
}

func (l *losses) take() (counts map[tollgate.BodyFate]int, requests []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	counts, requests = l.counts, l.requests
	l.counts, l.requests = nil, nil
	return counts, requests
}

func (l *losses) giveBack(counts map[tollgate.BodyFate]int, requests []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.counts == nil {
		l.counts = map[tollgate.BodyFate]int{}
	}
	for why, n := range counts {
		l.counts[why] += n
	}
	l.requests = append(requests, l.requests...)[:min(namedLosses, len(requests)+len(l.requests))]
}

// Stats are a Vault at one moment.
type Stats struct {
	Memory  bound.Stats // of bodies that are not on the disk yet, in bytes
	Waiting int         // bodies that were handed in
	Bytes   int64       // on the disk
	Removed int64       // counter: files
	Fates   []FateCount // counters
}

// FateCount is how many bodies met a fate.
type FateCount struct {
	Part  tollgate.BodyPart
	Fate  tollgate.BodyFate
	Count int64
}

// Stats returns the Vault as it stands.
func (v *Vault) Stats() Stats {
	return Stats{Memory: v.memory.Stats(), Waiting: len(v.queue), Bytes: v.disk.total.Load(), Removed: v.disk.removed.Load(), Fates: v.counts.all()}
}

func (v *Vault) count(part tollgate.BodyPart, fate tollgate.BodyFate) { v.counts.add(part, fate) }

type counts struct {
	mu sync.Mutex
	of map[FateCount]int64 // by part and fate
}

func (c *counts) add(part tollgate.BodyPart, fate tollgate.BodyFate) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.of == nil {
		c.of = map[FateCount]int64{}
	}
	c.of[FateCount{Part: part, Fate: fate}]++
}

func (c *counts) all() (all []FateCount) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for each, n := range maps.All(c.of) {
		each.Count = n
		all = append(all, each)
	}
	return all
}
