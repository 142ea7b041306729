package journal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tollgate"
)

// memory is a ledger.
type memory struct {
	mu      sync.Mutex
	rows    map[string]*tollgate.Exchange
	durable map[string]*tollgate.Exchange // what a power cut leaves
	away    error                         // what every call answers while it is set
	refused map[string]error              // what it answers to batches with these ids
	grown   chan struct{}                 // closed and replaced with every batch
}

func newMemory() *memory {
	return &memory{rows: map[string]*tollgate.Exchange{}, grown: make(chan struct{})}
}

func (m *memory) Append(_ context.Context, batch []*tollgate.Exchange) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.away != nil {
		return m.away
	}
	for _, x := range batch {
		if err := m.refused[x.ID]; err != nil {
			return err
		}
	}
	for _, x := range batch {
		if m.rows[x.ID] == nil {
			m.rows[x.ID] = x
		}
	}
	close(m.grown)
	m.grown = make(chan struct{})
	return nil
}

func (m *memory) Sync(context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.away == nil {
		m.durable = maps.Clone(m.rows)
	}
	return m.away
}

// cut is a power cut.
func (m *memory) cut() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.rows = map[string]*tollgate.Exchange{}
	maps.Copy(m.rows, m.durable)
}

func (m *memory) setAway(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.away = err
}

func (m *memory) row(id string) *tollgate.Exchange {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.rows[id]
}

func (m *memory) ids() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var ids []string
	for id := range m.rows {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// lines is a log that can be read while it is written.
type lines struct {
	mu  sync.Mutex
	out bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.String()
}

// world is what a journal lives in.
type world struct {
	path   string
	ledger *memory
	disk   *faultyDisk
	log    *lines
	config Config
	most   int64
	later  atomic.Int64 // nanoseconds that the clock is ahead
}

func (w *world) now() time.Time { return time.Now().Add(time.Duration(w.later.Load())) }

func newWorld(t *testing.T) *world {
	return &world{path: filepath.Join(t.TempDir(), "journal"), ledger: newMemory(), disk: newFaultyDisk(), log: new(lines), config: DefaultConfig()}
}

func (w *world) open(t *testing.T) *Journal {
	t.Helper()
	options := Options{Config: w.config, Ledger: w.ledger, Now: w.now, Log: slog.New(slog.NewTextHandler(w.log, nil)), segmentBytes: w.most}
	if w.disk != nil {
		options.Disk = w.disk
	}
	j, err := Open(w.path, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { kill(j) })
	return j
}

// kill ends a journal as the death of its process does: nothing is written any
// more, nothing is fed, the lock is free.
func kill(j *Journal) {
	j.stop()
	j.loops.Wait()
	j.hold()
	j.over = true
	j.giveBack()
	_ = j.leave() // it may have stopped already
}

// lost is how many closed requests only memory has.
func (j *Journal) lost() int {
	pending, _ := j.left()
	return pending
}

func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func request(id string) *tollgate.Exchange {
	x := realistic()
	x.ID = id
	return x
}

// asked is a request as it is begun.
func asked(id string) *tollgate.Exchange {
	x := request(id)
	x.Status, x.Usage.Output, x.Cost, x.StopReason = 0, 0, 7, ""
	return x
}

func mustBegin(t *testing.T, j *Journal, ids ...string) {
	t.Helper()
	for _, id := range ids {
		ticket, err := j.Begin(asked(id))
		if err == nil {
			err = ticket.Durable(soon(t))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func mustFlush(t *testing.T, j *Journal) {
	t.Helper()
	if err := j.Flush(soon(t)); err != nil {
		t.Fatal(err)
	}
}

func mustStop(t *testing.T, j *Journal) {
	t.Helper()
	if err := j.Stop(soon(t)); err != nil {
		t.Fatal(err)
	}
}

func sameIDs(t *testing.T, w *world, want ...string) {
	t.Helper()
	slices.Sort(want)
	got := w.ledger.ids()
	if len(want) > 20 && len(got) != len(want) {
		t.Errorf("the ledger has %d rows, want %d", len(got), len(want))
		return
	}
	if !slices.Equal(got, want) {
		t.Errorf("the ledger has %q, want %q\n%s", got, want, w.log)
	}
}

func names(prefix string, n int) (ids []string) {
	for i := range n {
		ids = append(ids, fmt.Sprintf("%s%04d", prefix, i))
	}
	return ids
}

func TestJournal_FeedsTheLedgerAndLeavesNothing(t *testing.T) {
	w := newWorld(t)
	j := w.open(t)
	mustBegin(t, j, "a", "b")
	j.End(request("a"))
	j.End(request("refused")) // was never sent
	mustFlush(t, j)
	sameIDs(t, w, "a", "refused")
	if s := j.Stats(); s.Open != 1 || s.Waiting != 0 || s.Bytes == 0 || s.Syncs == 0 {
		t.Errorf("%+v", s)
	}
	j.End(request("b"))
	mustStop(t, j)
	sameIDs(t, w, "a", "b", "refused")
	if got := w.ledger.row("b"); got.Cost != request("b").Cost || got.Interrupted {
		t.Errorf("%+v", got)
	}
	if left, err := os.ReadDir(w.path); err != nil || len(left) != 1 || left[0].Name() != lockName {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestPromise2_KilledProcessIsReplayed(t *testing.T) {
	w := newWorld(t)
	w.ledger.setAway(errors.New("away"))
	j := w.open(t)
	mustBegin(t, j, "ended", "open")
	j.End(request("ended"))
	if _, err := j.Begin(asked("written")); err != nil { // and not synced
		t.Fatal(err)
	}
	kill(j)
	w.ledger.setAway(nil)

	next := w.open(t)
	mustFlush(t, next)
	sameIDs(t, w, "ended", "open", "written")
	for _, id := range []string{"open", "written"} {
		if got := w.ledger.row(id); !got.Interrupted || !got.Estimated || got.Cost != 7 || got.Error != Killed || got.Developer != "ann@example.com" {
			t.Errorf("%s: %+v", id, got)
		}
	}
	if got := w.ledger.row("ended"); got.Interrupted || got.Cost != request("").Cost {
		t.Errorf("%+v", got)
	}
	mustStop(t, next)
	if folders, err := filepath.Glob(filepath.Join(w.path, "2*")); err != nil || len(folders) > 0 {
		t.Errorf("left behind: %q, %v", folders, err)
	}
	if log := w.log.String(); !strings.Contains(log, "ended=1 interrupted=2") {
		t.Error(log)
	}
}

// TestSync_OneForMany: whoever begins while the disk is busy shares the next
// sync with all the others.
func TestSync_OneForMany(t *testing.T) {
	w := newWorld(t)
	j := w.open(t)
	j.syncing.Lock()
	before := j.Stats().Syncs
	var tickets []Ticket
	for _, id := range names("r", 100) {
		ticket, err := j.Begin(asked(id))
		if err != nil {
			t.Fatal(err)
		}
		tickets = append(tickets, ticket)
	}
	j.syncing.Unlock()
	for _, ticket := range tickets {
		if err := ticket.Durable(soon(t)); err != nil {
			t.Fatal(err)
		}
	}
	if n := j.Stats().Syncs - before; n > 2 {
		t.Errorf("%d syncs for 100 requests", n)
	}
}

// A power cut takes what no sync had covered, and nothing else.
func TestPromise2_PowerCut(t *testing.T) {
	w := newWorld(t)
	w.ledger.setAway(errors.New("away"))
	j := w.open(t)
	mustBegin(t, j, "durable")
	j.stop() // from now on nothing reaches the disk
	j.loops.Wait()
	for _, id := range names("late", 20) {
		if _, err := j.Begin(asked(id)); err != nil {
			t.Fatal(err)
		}
	}
	kill(j)
	paths, err := j.folder.segments()
	if err != nil {
		t.Fatal(err)
	}
	if err := w.disk.pull(paths); err != nil {
		t.Fatal(err)
	}
	w.ledger.setAway(nil)
	mustStop(t, w.open(t))
	sameIDs(t, w, "durable")
}

func TestPromise2_OfALivingProcessNothingIsTaken(t *testing.T) {
	w := newWorld(t)
	first := w.open(t)
	mustBegin(t, first, "first")
	second := w.open(t)
	mustBegin(t, second, "second")
	second.End(request("second"))
	mustFlush(t, second)
	sameIDs(t, w, "second")
	kill(first)
	second.look() // as it does every second
	mustFlush(t, second)
	sameIDs(t, w, "first", "second")
	if !w.ledger.row("first").Interrupted {
		t.Error("it is not marked")
	}
}

// TestSegments_AreRemovedWhileRequestsAreOpen: a request that lasts for hours
// does not keep all that has happened since on the disk, and is not forgotten.
func TestSegments_AreRemovedWhileRequestsAreOpen(t *testing.T) {
	w := newWorld(t)
	w.most = 8 << 10
	j := w.open(t)
	mustBegin(t, j, "long")
	ids := names("short", 400)
	for _, id := range ids {
		mustBegin(t, j, id)
		j.End(request(id))
	}
	mustFlush(t, j)
	mustBegin(t, j, "another")
	awaitBytes(t, j, 3*w.most)
	kill(j)
	mustStop(t, w.open(t))
	sameIDs(t, w, append(ids, "long", "another")...)
	if !w.ledger.row("long").Interrupted {
		t.Error("the long one is not marked")
	}
}

// A survey that is read too late says so; another one finds what was carried on.
func TestSurvey_SaysWhenItIsOutdated(t *testing.T) {
	w := newWorld(t)
	w.most = 8 << 10
	j := w.open(t)
	mustBegin(t, j, "long")
	survey := mustInspect(t, j)
	for _, id := range names("short", 400) {
		mustBegin(t, j, id)
		j.End(request(id))
	}
	mustFlush(t, j)
	awaitBytes(t, j, 3*w.most)
	if open := openIn(t, survey); open["long"] || !survey.Outdated {
		t.Errorf("the old survey found %v, outdated %v", open, survey.Outdated)
	}
	if again := mustInspect(t, j); !openIn(t, again)["long"] || again.Outdated {
		t.Errorf("the new survey does not find it, outdated %v", again.Outdated)
	}
	j.End(request("long"))
	mustStop(t, j)
}

func mustInspect(t *testing.T, j *Journal) *Survey {
	t.Helper()
	survey, err := Inspect(filepath.Dir(j.Folder()))
	if err != nil {
		t.Fatal(err)
	}
	return survey
}

// openIn are the requests that a survey finds opened.
func openIn(t *testing.T, survey *Survey) map[string]bool {
	t.Helper()
	open := map[string]bool{}
	_, err := survey.Read(func(p Passage) error {
		if !p.Closed {
			open[p.Request.ID] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return open
}

// awaitBytes returns when the journal has shrunk.
func awaitBytes(t *testing.T, j *Journal, bound int64) {
	t.Helper()
	ctx, tick := soon(t), time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for j.Stats().Bytes > bound {
		signal(j.wake)
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("the journal has %d bytes", j.Stats().Bytes)
		}
	}
}

func TestBound_RefusesOrServes(t *testing.T) {
	for _, stance := range []Stance{Refuse, Serve} {
		t.Run(string(stance), func(t *testing.T) {
			w := newWorld(t)
			w.config = Config{MaxBytes: 16 << 10, WhenUnable: stance}
			w.ledger.setAway(errors.New("away"))
			j := w.open(t)
			var begun []string
			var refusal error
			for _, id := range names("r", 60) {
				ticket, err := j.Begin(asked(id))
				if err == nil {
					err = ticket.Durable(soon(t))
				}
				if err != nil {
					refusal = err
					continue
				}
				begun = append(begun, id)
			}
			if served := len(begun) == 60; served != (stance == Serve) || tollgate.IsKind(refusal, tollgate.Unrecorded) == served {
				t.Fatalf("%d of 60 were begun; %v", len(begun), refusal)
			}
			for _, id := range begun { // those under way are recorded all the same
				j.End(request(id))
			}
			s := j.Stats()
			if (s.Unrecorded > 0) != (stance == Serve) || (s.Refused > 0) != (stance == Refuse) || s.Waiting != int64(len(begun)) {
				t.Errorf("%+v", s)
			}
			if !strings.Contains(w.log.String(), "cannot be recorded") {
				t.Error(w.log.String())
			}
			w.ledger.setAway(nil)
			mustStop(t, j)
			sameIDs(t, w, begun...)
		})
	}
}

// A row that the ledger can never take stands in nobody's way.
func TestLedger_RowRefusedForGoodIsSetAside(t *testing.T) {
	w := newWorld(t)
	w.ledger.refused = map[string]error{"r0003": tollgate.Errorf(tollgate.Invalid, "no")}
	j := w.open(t)
	ids := names("r", 9)
	for _, id := range ids {
		j.End(request(id))
	}
	mustStop(t, j)
	sameIDs(t, w, slices.DeleteFunc(ids, func(id string) bool { return id == "r0003" })...)
	text, err := os.ReadFile(filepath.Join(w.path, quarantineName, "rejected-r0003.json"))
	if err != nil || !strings.Contains(string(text), "ann@example.com") {
		t.Errorf("%v: %s", err, text)
	}
}

func TestStop_LeavesWhatTheLedgerDoesNotTake(t *testing.T) {
	w := newWorld(t)
	w.ledger.setAway(errors.New("away"))
	j := w.open(t)
	mustBegin(t, j, "a")
	j.End(request("a"))
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := j.Stop(over); err != nil {
		t.Fatal(err)
	}
	w.ledger.setAway(nil)
	mustStop(t, w.open(t))
	sameIDs(t, w, "a")
	if w.ledger.row("a").Interrupted {
		t.Error("it had ended")
	}
}

func TestStop_SaysWhatIsNowhere(t *testing.T) {
	w := newWorld(t)
	w.ledger.setAway(errors.New("away"))
	j := w.open(t)
	mustBegin(t, j, "a")
	w.disk.set(faults{write: noSpace, create: noSpace, sticky: true})
	j.End(request("a"))
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := j.Stop(over); err == nil || !strings.Contains(err.Error(), "1 requests could be stored neither") {
		t.Fatal(err)
	}
	w.disk.set(faults{})
	w.ledger.setAway(nil)
	mustStop(t, w.open(t))
	if got := w.ledger.row("a"); got == nil || !got.Interrupted { // it was opened
		t.Errorf("%+v", got)
	}
}

// discard is a ledger that keeps nothing.
type discard struct{}

func (discard) Append(context.Context, []*tollgate.Exchange) error { return nil }
func (discard) Sync(context.Context) error                         { return nil }
