package store_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tollgate"
	"tollgate/internal/store"
)

// rig is a writer in front of a real store whose disk can be made to fail.
type rig struct {
	*store.Writer
	ledger *faulty
	log    *bytes.Buffer
	used   chan map[string]time.Time // what onTouch answers next
}

// newRig must be called, and everything in it used, in a bubble of synctest.
func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{ledger: &faulty{Store: open(t, filepath.Join(t.TempDir(), "tollgate.db"))}, log: new(bytes.Buffer), used: make(chan map[string]time.Time, 1)}
	r.Writer = store.NewWriter(r.ledger, slog.New(slog.NewTextHandler(r.log, nil)), func() map[string]time.Time {
		select {
		case used := <-r.used:
			return used
		default:
			return nil
		}
	})
	t.Cleanup(func() { r.Close(context.Background()) })
	return r
}

// record records this many requests.
func (r *rig) record(n int) {
	for range n {
		r.Record(request(time.Now()))
	}
}

// wantStored fails the test unless this many rows are in the ledger once
// nothing more can happen without time passing.
func (r *rig) wantStored(t *testing.T, n int) {
	t.Helper()
	synctest.Wait()
	report, err := r.ledger.Usage(context.Background(), tollgate.UsageQuery{})
	if err != nil || report.Total.Requests != int64(n) {
		t.Errorf("%d rows are stored (%v), want %d", report.Total.Requests, err, n)
	}
}

// faulty is a store that can fail before or after it has done its work.
type faulty struct {
	*store.Store
	mu            sync.Mutex
	before, after error
	appends       int
}

func (f *faulty) fail(before, after error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.before, f.after = before, after
}

func (f *faulty) Append(ctx context.Context, batch []*tollgate.Exchange) error {
	f.mu.Lock()
	f.appends++
	before, after := f.before, f.after
	f.mu.Unlock()
	if before != nil {
		return before
	}
	return errors.Join(f.Store.Append(ctx, batch), after)
}

func (f *faulty) TouchKeys(ctx context.Context, used map[string]time.Time) error {
	f.mu.Lock()
	before := f.before
	f.mu.Unlock()
	if before != nil {
		return before
	}
	return f.Store.TouchKeys(ctx, used)
}

var errDisk = errors.New("disk on fire")

func TestWriter_PacesCommits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.record(1)
		r.wantStored(t, 1) // after a pause: at once
		r.record(3)
		r.wantStored(t, 1) // now they gather
		time.Sleep(25 * time.Millisecond)
		r.wantStored(t, 4)
		if r.ledger.appends != 2 {
			t.Errorf("%d commits, want 2", r.ledger.appends)
		}
		r.record(512)
		r.wantStored(t, 516) // a full batch does not wait
	})
}

// A commit that fails is repeated, whether it was stored or not.
func TestPromise2_FailedCommitIsRepeated(t *testing.T) {
	for name, fault := range map[string]struct{ before, after error }{
		"and was not stored": {before: errDisk},
		"but was stored":     {after: errDisk},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t)
				r.ledger.fail(fault.before, fault.after)
				r.record(10)
				time.Sleep(time.Minute)
				synctest.Wait()
				if _, stored := r.Counts(); stored != 0 {
					t.Errorf("%d rows count as stored while nobody can know", stored)
				}
				r.record(5)
				r.ledger.fail(nil, nil)
				time.Sleep(6 * time.Second)
				r.wantStored(t, 15)
				if recorded, stored := r.Counts(); recorded != 15 || stored != 15 {
					t.Errorf("counts are %d and %d, want 15", recorded, stored)
				}
				if log := r.log.String(); strings.Count(log, "level=ERROR") != 1 || strings.Count(log, "level=INFO") != 1 || !strings.Contains(log, errDisk.Error()) {
					t.Errorf("log of one episode is\n%s", log)
				}
			})
		})
	}
}

func TestPromise2_FullBacklogWaitsAndDropsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.ledger.fail(errDisk, nil)
		const backlog, more = 8192, 8
		r.record(backlog)
		var late sync.WaitGroup
		for range more {
			late.Go(func() { r.record(1) })
		}
		synctest.Wait()
		if recorded, _ := r.Counts(); recorded != backlog {
			t.Errorf("%d rows are in memory, want no more than %d", recorded, backlog)
		}
		r.ledger.fail(nil, nil)
		time.Sleep(6 * time.Second)
		late.Wait()
		time.Sleep(time.Second)
		r.wantStored(t, backlog+more)
	})
}

func TestWriter_Flush(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		began := time.Now()
		r.record(1)
		synctest.Wait()
		r.record(1500)
		if err := r.Flush(t.Context()); err != nil {
			t.Error(err)
		}
		r.wantStored(t, 1501)
		if waited := time.Since(began); waited != 0 {
			t.Errorf("flush let %v pass", waited)
		}

		r.ledger.fail(errDisk, nil)
		r.record(7)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := r.Flush(ctx); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "7 requests") {
			t.Errorf("error is %v, want one that counts 7 rows", err)
		}
		r.ledger.fail(nil, nil)
	})
}

func TestPromise2_CloseStoresEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.record(3000)
		if err := r.Close(t.Context()); err != nil {
			t.Error(err)
		}
		r.wantStored(t, 3000)
		if err := r.Close(t.Context()); err != nil {
			t.Errorf("closed again: %v", err)
		}
		if err := r.Flush(t.Context()); err != nil {
			t.Errorf("flushed when closed: %v", err)
		}
		x := request(time.Now())
		r.Record(x)
		if !strings.Contains(r.log.String(), x.ID) {
			t.Error("a row that came too late is not in the log")
		}
	})
}

func TestPromise2_CloseCountsWhatIsNotStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.ledger.fail(errDisk, nil)
		r.record(700)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		err := r.Close(ctx)
		if err == nil || !strings.Contains(err.Error(), "700 requests") {
			t.Errorf("error is %v, want one that counts 700 rows", err)
		}
	})
}

func TestPromise2_ManyRecordAtOnce(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "tollgate.db"))
	w := store.NewWriter(s, slog.New(slog.DiscardHandler), func() map[string]time.Time { return nil })
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 500 {
				w.Record(request(time.Now()))
			}
		})
	}
	group.Wait()
	if err := w.Close(t.Context()); err != nil {
		t.Error(err)
	}
	report, err := s.Usage(t.Context(), tollgate.UsageQuery{})
	if err != nil || report.Total.Requests != 4000 {
		t.Errorf("%d rows are stored (%v), want 4000", report.Total.Requests, err)
	}
}

func TestWriter_TouchesKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		for _, id := range []string{"k1", "k2", "k3"} {
			if _, err := r.ledger.CreateKey(t.Context(), tollgate.Key{ID: id, Service: "ci", CreatedAt: time.Now()}); err != nil {
				t.Fatal(err)
			}
		}
		first := time.Now().Add(time.Second).UTC()
		r.used <- map[string]time.Time{"k1": first}
		time.Sleep(5 * time.Second)
		r.wantUsed(t, "k1", first)

		r.ledger.fail(errDisk, nil)
		r.used <- map[string]time.Time{"k2": first}
		time.Sleep(20 * time.Second)
		synctest.Wait()
		if log := r.log.String(); strings.Count(log, "level=WARN") != 1 {
			t.Errorf("log of one episode is\n%s", log)
		}
		r.ledger.fail(nil, nil)
		time.Sleep(5 * time.Second)
		r.wantUsed(t, "k2", first)

		r.used <- map[string]time.Time{"k3": first}
		if err := r.Close(t.Context()); err != nil {
			t.Error(err)
		}
		r.wantUsed(t, "k3", first)
	})
}

func (r *rig) wantUsed(t *testing.T, id string, at time.Time) {
	t.Helper()
	synctest.Wait()
	key, err := r.ledger.Key(t.Context(), id)
	if err != nil || !key.LastUsedAt.Equal(at) {
		t.Errorf("%s was last used at %v (%v), want %v", id, key.LastUsedAt, err, at)
	}
}
