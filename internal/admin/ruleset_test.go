package admin_test

import (
	"bytes"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tollgate"
	"tollgate/api"
	"tollgate/internal/admin"
	"tollgate/internal/identity"
	"tollgate/internal/store"
)

// openStudio is an office to be used in a bubble of synctest, without its REST
// face.
func openStudio(t *testing.T) *office {
	t.Helper()
	kept, err := store.Open(t.Context(), filepath.Join(t.TempDir(), store.File))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { kept.Close() })
	o := &office{t: t, store: kept, now: noon, log: new(bytes.Buffer)}
	o.directory, o.rules = identity.New([]byte("pepper"), o.clock), newRules(kept, time.UTC, o.clock)
	o.service = admin.NewService(kept, ledger{kept, &o.unstored}, o.directory, o.rules, time.UTC, o.clock, slog.New(slog.NewTextHandler(o.log, nil)))
	return o
}

// changesOfBudgets are the ways to change what is in force. None of them is to
// be repeated when it could not be put in force.
var changesOfBudgets = map[string]func(*office, string) error{
	"set": func(o *office, _ string) error {
		_, err := o.service.SetBudget(o.t.Context(), root, api.NewBudget{Scope: "org", Period: "day"})
		return err
	},
	"raise": func(o *office, id string) error {
		_, err := o.service.RaiseBudget(o.t.Context(), root, id, api.NewRaise{ByNanoUSD: 1, Until: "1d", Reason: "x"})
		return err
	},
	"remove": func(o *office, id string) error { return o.service.RemoveBudget(o.t.Context(), root, id) },
}

// TestPromise4_AStoredChangeComesIntoForce: the data plane cannot read what was
// stored, whoever asked is told so, and it reads it as soon as it can.
func TestPromise4_AStoredChangeComesIntoForce(t *testing.T) {
	for name, change := range changesOfBudgets {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := openStudio(t)
				set, err := o.service.SetBudget(t.Context(), root, api.NewBudget{Scope: "org", AmountNanoUSD: 5, Period: "day", AlertAt: new([]int{80})})
				if err != nil {
					t.Fatal(err)
				}
				o.rules.fails.Store(true)
				err = change(o, set.ID)
				if told := tollgate.AsError(err); told.Kind != tollgate.Internal || !strings.Contains(told.Message, "could not put it in force: the disk fails; it tries again by itself every 5 seconds") {
					t.Fatalf("told %v", err)
				}
				if !strings.Contains(o.log.String(), "action=budget."+name) {
					t.Errorf("what was stored is not logged:\n%s", o.log)
				}
				reads := o.rules.reads.Load()
				time.Sleep(12 * time.Second) // of the bubble
				if again := o.rules.reads.Load() - reads; again != 2 {
					t.Errorf("it was tried again %d times in twelve seconds, want 2", again)
				}
				o.rules.fails.Store(false)
				time.Sleep(5 * time.Second)
				synctest.Wait()
				if states := o.rules.BudgetStates(""); len(states) == 1 && states[0].Limit == 5 {
					t.Errorf("%v is in force as before", states)
				}
				if !strings.Contains(o.log.String(), `msg="changes that were stored are in force now" rules=budgets`) {
					t.Errorf("the log does not say that it is done:\n%s", o.log)
				}
				reads = o.rules.reads.Load()
				time.Sleep(time.Minute)
				if again := o.rules.reads.Load() - reads; again != 0 {
					t.Errorf("it was tried %d times more", again)
				}
			})
		})
	}
}

// A later change brings the earlier one, and nothing is tried after the end.
func TestWhatCouldNotBePutInForceIsNotTriedForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := openStudio(t)
		limit := func() error {
			_, err := o.service.SetLimit(t.Context(), root, api.NewLimit{Scope: "org", Concurrent: new(int64(5))})
			return err
		}
		o.rules.fails.Store(true)
		if err := limit(); !tollgate.IsKind(err, tollgate.Internal) {
			t.Fatalf("told %v", err)
		}
		o.rules.fails.Store(false)
		if err := limit(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if reads := o.rules.reads.Load(); reads != 2 {
			t.Errorf("the register was read %d times, want 2", reads)
		}
		o.rules.fails.Store(true)
		_ = limit()
		if err := o.service.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if reads := o.rules.reads.Load(); reads != 3 {
			t.Errorf("the register was read %d times, want 3", reads)
		}
		_ = limit()
		time.Sleep(time.Minute)
		if reads := o.rules.reads.Load(); reads != 4 {
			t.Errorf("the register was read %d times, want 4", reads)
		}
	})
}
