package sink_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tollgate"
	"tollgate/internal/audit"
	"tollgate/internal/audit/sink"
	"tollgate/internal/audit/sink/sinktest"
	"tollgate/internal/secret"
	"tollgate/internal/store"
)

// log is an audit log in a database of its own.
type log struct {
	*store.Store
	t      *testing.T
	path   string
	notary *audit.Notary
	lines  safeText // of the process's log
	wrap   func(sink.Outbox) sink.Outbox
}

func newLog(t *testing.T) *log {
	t.Helper()
	private, _, err := audit.GenerateKey("tollgate.test")
	if err != nil {
		t.Fatal(err)
	}
	l := &log{t: t, path: filepath.Join(t.TempDir(), "tollgate.db"), wrap: func(o sink.Outbox) sink.Outbox { return o }}
	if l.notary, err = audit.NewNotary(private); err != nil {
		t.Fatal(err)
	}
	l.open()
	return l
}

// open begins another chain, as another process does.
func (l *log) open() {
	l.t.Helper()
	kept, err := store.Open(l.t.Context(), l.path)
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() { kept.Close() })
	l.Store = kept
	if err := kept.BeginChain(l.t.Context(), audit.Scribe{}, time.Now()); err != nil {
		l.t.Fatal(err)
	}
}

// note records so many events.
func (l *log) note(n int) {
	l.t.Helper()
	var events []tollgate.AuditEvent
	for range n {
		events = append(events, tollgate.AuditEvent{Time: time.Now(), Action: "team.create", Actor: "admin:terraform", Object: "core", Outcome: "done"})
	}
	if err := l.Note(l.t.Context(), events...); err != nil {
		l.t.Fatal(err)
	}
}

func (l *log) checkpoint() string {
	l.t.Helper()
	signed, err := l.TakeCheckpoint(l.t.Context(), l.notary, time.Now())
	if err != nil {
		l.t.Fatal(err)
	}
	return signed
}

// all are the records that are in the database, in the order of their chains.
func (l *log) all() (lines []string) {
	l.t.Helper()
	state, err := l.Trail().State(l.t.Context())
	if err != nil {
		l.t.Fatal(err)
	}
	for _, head := range state.Heads {
		for record, err := range l.Trail().Lines(l.t.Context(), head.Chain, 1) {
			if err != nil {
				l.t.Fatal(err)
			}
			lines = append(lines, string(record.Line))
		}
	}
	return lines
}

// desk begins to deliver. end ends it.
func (l *log) desk(sinks ...sink.Config) (desk *sink.Desk, end func()) {
	l.t.Helper()
	desk = sink.NewDesk(complete(sinks), sink.Hasty(sink.Options{
		Surroundings: around(), Outbox: l.wrap(l.Store), Log: slog.New(slog.NewTextHandler(&l.lines, nil)),
	}))
	ctx, cancel := context.WithCancel(l.t.Context())
	done := make(chan struct{})
	go func() { defer close(done); desk.Run(ctx) }()
	end = sync.OnceFunc(func() { cancel(); <-done })
	l.t.Cleanup(end)
	return desk, end
}

func complete(sinks []sink.Config) (all []sink.Config) {
	for _, each := range sinks {
		each.Every = time.Millisecond
		all = append(all, each.WithDefaults())
	}
	return all
}

type safeText struct {
	mu   sync.Mutex
	text strings.Builder
}

func (s *safeText) Write(some []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(some)
}

func (s *safeText) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// receiver is a webhook.
type receiver struct {
	*farServer
	sinktest.Far
}

func newReceiver(t *testing.T) *receiver {
	f := newFarServer(t, func(_ *http.Request, body []byte) ([]string, int, string) {
		return linesOf(t, body), http.StatusNoContent, ""
	})
	return &receiver{f, f.far()}
}

func (r *receiver) config(name string, from sink.From) sink.Config {
	return sink.Config{Name: name, Kind: "webhook", From: from, URL: secret.New(r.URL), Secret: secret.New(sinktest.Canary)}
}

// eventually waits until something holds; the test's own bound ends what never
// does.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-t.Context().Done():
			t.Fatal("never came true: " + what)
		}
	}
}

func (r *receiver) has(t *testing.T, want []string) {
	t.Helper()
	eventually(t, "everything was delivered", func() bool { return len(unique(r.Taken())) >= len(want) })
	if got := unique(r.Taken()); !slices.Equal(got, want) {
		t.Errorf("it has %d things, which are not the %d that were recorded, in their order", len(got), len(want))
	}
}

func unique(lines []string) (once []string) {
	seen := map[string]bool{}
	for _, line := range lines {
		if !seen[line] {
			once = append(once, line)
		}
		seen[line] = true
	}
	return once
}

// TestPromise5_SinksGetEverything: from the beginning, more than one batch, and
// what comes later.
func TestPromise5_SinksGetEverything(t *testing.T) {
	l := newLog(t)
	l.note(1200)
	r := newReceiver(t)
	desk, _ := l.desk(r.config("hook", sink.FromBeginning))
	r.has(t, l.all())
	l.note(3)
	r.has(t, l.all())
	if n := len(r.Taken()); n != 1203 {
		t.Errorf("%d were delivered", n)
	}
	eventually(t, "nothing waits", func() bool { return desk.States()[0].Waiting == 0 })
	state := desk.States()[0]
	if state.Chain != l.Chain() || state.Number != 1203 || state.Records != 1203 || !state.FailingSince.IsZero() || !state.Oldest.IsZero() {
		t.Errorf("%+v", state)
	}
}

// From now on: nothing of before, neither records nor checkpoints.
func TestFromNow(t *testing.T) {
	l := newLog(t)
	l.note(5)
	l.checkpoint()
	before := len(l.all())
	r := newReceiver(t)
	_, end := l.desk(r.config("hook", ""))
	eventually(t, "the sink has begun", func() bool { return begun(t, l, "hook") })
	l.note(2)
	r.has(t, l.all()[before:])
	end()
	l.note(1) // while nobody delivers
	l.desk(r.config("hook", ""))
	r.has(t, l.all()[before:])
}

func begun(t *testing.T, l *log, name string) bool {
	t.Helper()
	behind, err := l.SinksBehind(t.Context(), []string{name}, l.Chain(), 1<<40)
	if err != nil {
		t.Fatal(err)
	}
	return len(behind) == 1
}

// TestPromise5_CheckpointsComeAfterWhatTheyCommitTo, whatever else is going on.
func TestPromise5_CheckpointsComeAfterWhatTheyCommitTo(t *testing.T) {
	l := newLog(t)
	r := newReceiver(t)
	l.desk(r.config("hook", sink.FromBeginning))
	var notes []string
	for range 20 {
		l.note(7)
		notes = append(notes, l.checkpoint())
	}
	eventually(t, "the last checkpoint was delivered", func() bool { return slices.Contains(r.Taken(), notes[len(notes)-1]) })
	got := r.Taken()
	records, last := 0, -1
	for _, each := range got {
		if n := slices.Index(notes, each); n >= 0 {
			if n != last+1 || records < 7*(n+1) {
				t.Errorf("checkpoint %d comes after checkpoint %d and %d records", n, last, records)
			}
			last = n
			continue
		}
		records++
	}
	if records != 140 || last != 19 {
		t.Errorf("%d records and checkpoint %d came", records, last)
	}
}

// TestPromise5_FailedAndNotDelivered: nothing is lost, and it is seen.
func TestPromise5_FailedAndNotDelivered(t *testing.T) {
	l := newLog(t)
	l.note(3)
	r := newReceiver(t)
	r.Refuse(true)
	desk, _ := l.desk(r.config("hook", sink.FromBeginning))
	eventually(t, "it has failed twice", func() bool { return desk.States()[0].Failures >= 2 })
	state := desk.States()[0]
	if state.FailingSince.IsZero() || state.Error != "it answered with status 503" || state.Waiting != 3 || state.Oldest.IsZero() || state.Records != 0 {
		t.Errorf("%+v", state)
	}
	if behind, err := l.SinksBehind(t.Context(), []string{"hook", "stranger"}, l.Chain(), 1); err != nil || !slices.Equal(behind, []string{"hook"}) {
		t.Errorf("%q %v", behind, err)
	}
	r.Refuse(false)
	r.has(t, l.all())
	eventually(t, "it does not fail any more", func() bool { return desk.States()[0].FailingSince.IsZero() })
	if n := len(r.Taken()); n != 3 {
		t.Errorf("%d were delivered", n)
	}
	text := l.lines.String()
	if strings.Count(text, "level=WARN") != 1 || strings.Count(text, "level=INFO") != 1 || strings.Contains(text, sinktest.Canary) {
		t.Errorf("the log has: %s", text)
	}
	if behind, err := l.SinksBehind(t.Context(), []string{"hook"}, l.Chain(), 3); err != nil || len(behind) != 0 {
		t.Errorf("%q %v", behind, err)
	}
}

// TestPromise5_DeliveredButFailed: the same batch comes again, although more was
// recorded meanwhile, and nothing else does.
func TestPromise5_DeliveredButFailed(t *testing.T) {
	l := newLog(t)
	l.note(3)
	r := newReceiver(t)
	r.Lie(true)
	desk, _ := l.desk(r.config("hook", sink.FromBeginning))
	eventually(t, "it has failed", func() bool { return desk.States()[0].Failures >= 1 })
	l.note(2)
	eventually(t, "it has failed again", func() bool { return desk.States()[0].Failures >= 4 })
	r.Lie(false)
	r.has(t, l.all())
	l.note(1)
	r.has(t, l.all())
	inOrder(t, r.Taken())
	for i := range r.Taken()[:len(r.Taken())-3] {
		if number(t, r.Taken()[i]) > 3 {
			t.Errorf("record %d came with a repetition of the first three", number(t, r.Taken()[i]))
		}
	}
}

var numberInLine = regexp.MustCompile(`"number":(\d+)`)

func number(t *testing.T, line string) (n int64) {
	t.Helper()
	if _, err := fmt.Sscan(numberInLine.FindStringSubmatch(line)[1], &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// inOrder: within a chain each is the next, or a repetition.
func inOrder(t *testing.T, lines []string) {
	t.Helper()
	reached := map[string]int64{}
	for _, line := range lines {
		chain, _, _ := strings.Cut(strings.TrimPrefix(line, `{"v":1,"chain":"`), `"`)
		n := number(t, line)
		if n > reached[chain]+1 {
			t.Errorf("record %d of chain %s comes after record %d", n, chain, reached[chain])
		}
		reached[chain] = max(reached[chain], n)
	}
}

// forgetful is an outbox whose notes fail: before they are written or after.
type forgetful struct {
	sink.Outbox
	mu     sync.Mutex
	before int // how many of them
	after  int
}

var errDisk = errors.New("disk I/O error")

func (f *forgetful) MoveSink(ctx context.Context, name, chain string, from, to int64) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.before > 0 {
		f.before--
		return errDisk
	}
	err := f.Outbox.MoveSink(ctx, name, chain, from, to)
	if f.after > 0 && err == nil {
		f.after--
		return errDisk
	}
	return err
}

// TestPromise5_NoteFailedAndNotStored and its pair: how far a sink has come is
// what the database says.
func TestPromise5_NoteFailed(t *testing.T) {
	for name, fault := range map[string]*forgetful{"and not stored": {before: 2}, "but stored": {after: 2}} {
		t.Run(name, func(t *testing.T) {
			l := newLog(t)
			l.note(1100)
			l.wrap = func(o sink.Outbox) sink.Outbox { fault.Outbox = o; return fault }
			repeated := 500 * fault.before
			r := newReceiver(t)
			l.desk(r.config("hook", sink.FromBeginning))
			r.has(t, l.all())
			inOrder(t, r.Taken())
			if n := len(r.Taken()); n != 1100+repeated {
				t.Errorf("%d were delivered, want 1100 and %d again", n, repeated)
			}
		})
	}
}

// TestPromise5_ADeadSinkBlocksNothing: one refuses, one says nothing at all, and
// the third has everything.
func TestPromise5_ADeadSinkBlocksNothing(t *testing.T) {
	l := newLog(t)
	l.note(10)
	dead, mute, alive := newReceiver(t), newReceiver(t), newReceiver(t)
	dead.Refuse(true)
	held, release := mute.Hang()
	defer release()
	desk, end := l.desk(dead.config("dead", sink.FromBeginning), mute.config("mute", sink.FromBeginning), alive.config("alive", sink.FromBeginning))
	<-held
	for range 50 {
		l.note(10)
		l.checkpoint()
	}
	eventually(t, "everything and the checkpoints were delivered", func() bool { return len(alive.Taken()) == 510+50 })
	if states := desk.States(); states[0].Records+states[1].Records != 0 || states[0].Failures == 0 || len(dead.Taken())+len(mute.Taken()) != 0 {
		t.Errorf("%+v", states)
	}
	end() // which waits for nobody
	dead.Refuse(false)
	l.desk(dead.config("dead", sink.FromBeginning))
	eventually(t, "the dead one has everything", func() bool { return len(dead.Taken()) == 560 })
}

// TestReload: those that go are told nothing any more, those that stay are not
// disturbed, those that come begin where they are told.
func TestReload(t *testing.T) {
	l := newLog(t)
	l.note(2)
	goes, stays, comes := newReceiver(t), newReceiver(t), newReceiver(t)
	desk, _ := l.desk(goes.config("goes", sink.FromBeginning), stays.config("stays", sink.FromBeginning))
	goes.has(t, l.all())
	stays.has(t, l.all())
	told := l.all()
	eventually(t, "it is known", func() bool { return desk.States()[1].Records == 2 })
	desk.Configure(complete([]sink.Config{stays.config("stays", sink.FromBeginning), comes.config("comes", sink.FromBeginning)}))
	comes.has(t, l.all())
	l.note(2)
	comes.has(t, l.all())
	stays.has(t, l.all())
	if !slices.Equal(goes.Taken(), told) {
		t.Errorf("the one that went has %d", len(goes.Taken()))
	}
	eventually(t, "the one that stayed was not begun anew", func() bool { return desk.States()[0].Records == 4 })
	desk.Configure(complete([]sink.Config{goes.config("goes", "")}))
	goes.has(t, l.all()) // it goes on where it was
}

// TestHandover: another process goes on where this one was, with a chain more.
func TestHandover(t *testing.T) {
	l := newLog(t)
	r := newReceiver(t)
	for range 4 {
		_, end := l.desk(r.config("hook", sink.FromBeginning))
		l.note(300)
		end()
		first := l.Store
		l.open()
		if err := first.Note(t.Context(), tollgate.AuditEvent{Time: time.Now(), Action: "stop", Actor: "gateway", Outcome: "done"}); err != nil {
			t.Fatal(err) // the process that has handed over still records
		}
	}
	l.desk(r.config("hook", sink.FromBeginning))
	eventually(t, "everything was delivered", func() bool { return len(unique(r.Taken())) == 4*301 })
	inOrder(t, r.Taken())
}

// Two at once on one database, which app does not let happen: neither makes the
// other's cursor go back.
func TestTwoAtOnce(t *testing.T) {
	l := newLog(t)
	r := newReceiver(t)
	l.desk(r.config("hook", sink.FromBeginning))
	l.desk(r.config("hook", sink.FromBeginning))
	for range 30 {
		l.note(20)
	}
	eventually(t, "everything was delivered", func() bool { return len(unique(r.Taken())) == 600 })
	eventually(t, "the cursor is right", func() bool {
		behind, err := l.SinksBehind(t.Context(), []string{"hook"}, l.Chain(), 600)
		return err == nil && len(behind) == 0
	})
}

// Records that went before they were delivered are not passed over in silence.
func TestRecordsThatWent(t *testing.T) {
	l := newLog(t)
	l.note(10)
	lines := l.all()
	remove(t, l.path, "3, 4, 9, 10")
	r := newReceiver(t)
	desk, _ := l.desk(r.config("hook", sink.FromBeginning))
	r.has(t, slices.Concat(lines[:2], lines[4:8]))
	eventually(t, "it is at the end", func() bool { s := desk.States()[0]; return s.Waiting == 0 && s.Records == 6 })
	if text := l.lines.String(); strings.Count(text, "level=ERROR") != 2 || strings.Count(text, "missing=2") != 2 {
		t.Errorf("the log has: %s", text)
	}
}

func remove(t *testing.T, path, numbers string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("DELETE FROM audit_record WHERE place & 1099511627775 IN (" + numbers + ")"); err != nil {
		t.Fatal(err)
	}
}

func TestSame(t *testing.T) {
	a := sink.Config{Name: "a", Secret: secret.New("x"), Headers: map[string]secret.String{"k": secret.New("v")}}
	b := sink.Config{Name: "a", Secret: secret.New("x"), Headers: map[string]secret.String{"k": secret.New("v")}}
	if !sink.Same(a, b) {
		t.Error("they are the same")
	}
	for _, change := range []func(*sink.Config){
		func(c *sink.Config) { c.Secret = secret.New("y") },
		func(c *sink.Config) { c.Headers = map[string]secret.String{"k": secret.New("w")} },
		func(c *sink.Config) { c.Every = time.Second },
	} {
		other := b
		change(&other)
		if sink.Same(a, other) {
			t.Error("they differ")
		}
	}
}

func TestRests(t *testing.T) {
	for failures, longest := range map[int]time.Duration{1: time.Second, 2: 2 * time.Second, 6: 32 * time.Second, 7: time.Minute, 1000: time.Minute} {
		for range 100 {
			if rest := sink.RestAfter(failures); rest < longest*3/4 || rest >= longest*5/4 {
				t.Errorf("after %d failures there is a rest of %s", failures, rest)
			}
		}
	}
}
