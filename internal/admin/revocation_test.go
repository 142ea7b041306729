package admin_test

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tollgate"
	"tollgate/api"
	"tollgate/internal/admin"
	"tollgate/internal/identity"
	"tollgate/internal/store"
)

// faulty is a register whose disk fails: before it has stored a change, or
// after, when nobody can know that it has.
type faulty struct {
	*store.Store
	fails  atomic.Bool
	stores bool // what fails is stored all the same
}

func (f *faulty) UpdateKey(ctx context.Context, id string, change func(*tollgate.Key) error) (key tollgate.Key, err error) {
	err = f.try(func() error { key, err = f.Store.UpdateKey(ctx, id, change); return err })
	return key, err
}

func (f *faulty) RemoveDeveloper(ctx context.Context, email string, at time.Time) (revoked []tollgate.Key, err error) {
	err = f.try(func() error { revoked, err = f.Store.RemoveDeveloper(ctx, email, at); return err })
	return revoked, err
}

func (f *faulty) try(change func() error) error {
	if !f.fails.Load() {
		return change()
	}
	if f.stores {
		if err := change(); err != nil {
			return err
		}
	}
	return tollgate.Errorf(tollgate.Internal, "the disk fails").Because(errors.New("input/output error"))
}

// vault is an office whose register fails when it is told to, with a key of
// ada's in it, to be used in a bubble of synctest.
type vault struct {
	*office
	register *faulty
	id, key  string
}

var root = admin.Caller{Name: "root", Role: admin.Write}

// newServiceKey asks for a key whose team the register knows.
var newServiceKey = api.NewKey{Service: "ci", Team: "core"}

func openVault(t *testing.T, stores bool) *vault {
	t.Helper()
	kept, err := store.Open(t.Context(), filepath.Join(t.TempDir(), store.File))
	if err != nil {
		t.Fatal(err)
	}
	o := &office{t: t, store: kept, now: noon}
	o.directory = identity.New([]byte("pepper"), o.clock)
	v := &vault{office: o, register: &faulty{Store: kept, stores: stores}}
	o.service = admin.NewService(v.register, ledger{kept, &o.unstored}, o.directory, newRules(kept, time.UTC, o.clock), time.UTC, o.clock, slog.New(slog.DiscardHandler))
	t.Cleanup(func() { kept.Close() })
	if err := kept.CreateDeveloper(t.Context(), tollgate.Developer{Email: "ada@example.com"}); err != nil {
		t.Fatal(err)
	}
	v.id = tollgate.NewKeyID()
	v.key = tollgate.NewKeyString(v.id)
	stored, err := kept.CreateKey(t.Context(), tollgate.Key{ID: v.id, Developer: "ada@example.com", Secrets: []tollgate.KeySecret{{Hash: o.directory.Hash(v.key)}}})
	if err != nil {
		t.Fatal(err)
	}
	o.directory.Put(stored)
	if !v.opens(v.key) {
		t.Fatal("the fresh key opens nothing")
	}
	return v
}

// isStored says whether the register has the key as revoked.
func (v *vault) isStored() bool {
	v.t.Helper()
	key, err := v.store.Key(context.Background(), v.id)
	if err != nil {
		v.t.Fatal(err)
	}
	return !key.RevokedAt.IsZero()
}

// revocations are the ways to close a key.
var revocations = map[string]func(*vault) error{
	"revoke": func(v *vault) error {
		_, err := v.service.RevokeKey(v.t.Context(), root, v.id)
		return err
	},
	"remove the developer": func(v *vault) error {
		_, err := v.service.RemoveDeveloper(v.t.Context(), root, "ada@example.com")
		return err
	},
}

// TestPromise6_ARevocationThatIsNotStoredIsInForce: the register's disk fails,
// the key is closed all the same, whoever asked is told both, and the register
// is told when it can be. stores: it had the change although it said no.
func TestPromise6_ARevocationThatIsNotStoredIsInForce(t *testing.T) {
	for name, revoke := range revocations {
		for _, stores := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					v := openVault(t, stores)
					v.register.fails.Store(true)
					err := revoke(v)
					wantUnstored(t, err)
					if v.opens(v.key) {
						t.Error("the key opens")
					}
					if _, err := v.service.RotateKey(t.Context(), root, v.id, "24h"); err == nil {
						t.Error("a closed key was rotated")
					}
					time.Sleep(time.Minute) // the disk still fails
					if v.isStored() != stores {
						t.Errorf("stored: %v", !stores)
					}
					v.register.fails.Store(false)
					if _, err := v.service.RotateKey(t.Context(), root, v.id, "24h"); !tollgate.IsKind(err, tollgate.Conflict) {
						t.Errorf("a closed key was rotated, or not: %v", err)
					}
					time.Sleep(time.Minute)
					if !v.isStored() || v.opens(v.key) {
						t.Errorf("a minute after the disk works again: stored %v, opens %v", v.isStored(), v.opens(v.key))
					}
					if err := v.service.Close(t.Context()); err != nil {
						t.Error(err)
					}
				})
			})
		}
	}
}

// wantUnstored wants a sentence that says what is in force and what is not
// stored, and what to do.
func wantUnstored(t *testing.T, err error) {
	t.Helper()
	message := tollgate.AsError(err).Message
	for _, part := range []string{"the disk fails", "on this gateway", "not stored", "restart", "repeat"} {
		if err == nil || !strings.Contains(message, part) {
			t.Errorf("the error does not say %q: %v", part, err)
		}
	}
}

// TestARevocationIsRepeated by whoever was told to.
func TestARevocationIsRepeated(t *testing.T) {
	for name, revoke := range revocations {
		for _, stores := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					v := openVault(t, stores)
					v.register.fails.Store(true)
					wantUnstored(t, revoke(v))
					if name == "revoke" {
						wantUnstored(t, revoke(v))
					}
					v.register.fails.Store(false)
					if err := revoke(v); err != nil && (!stores || !tollgate.IsKind(err, tollgate.NotFound)) {
						t.Error(err)
					}
					if !v.isStored() || v.opens(v.key) {
						t.Errorf("after the repetition: stored %v, opens %v", v.isStored(), v.opens(v.key))
					}
					if err := v.service.Close(t.Context()); err != nil {
						t.Error(err)
					}
				})
			})
		}
	}
}

// TestAStopNamesWhatIsNotStored and a last try comes before that.
func TestAStopNamesWhatIsNotStored(t *testing.T) {
	for _, fails := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			v := openVault(t, false)
			v.register.fails.Store(true)
			wantUnstored(t, revocations["revoke"](v))
			v.register.fails.Store(fails)
			err := v.service.Close(t.Context())
			if fails && (err == nil || !strings.Contains(err.Error(), v.id)) || !fails && err != nil || v.isStored() == fails {
				t.Errorf("a stop says %v, stored: %v", err, v.isStored())
			}
		})
	}
}

// TestAMistypedKeyIsNotSaidToBeClosed: nothing is promised of a key that this
// gateway does not know.
func TestAMistypedKeyIsNotSaidToBeClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := openVault(t, false)
		v.register.fails.Store(true)
		_, err := v.service.RevokeKey(t.Context(), root, "000000000000")
		if err == nil || strings.Contains(err.Error(), "opens nothing") {
			t.Errorf("got %v", err)
		}
		if _, err := v.service.RemoveDeveloper(t.Context(), root, "eve@example.com"); err == nil || strings.Contains(err.Error(), "keys") {
			t.Errorf("got %v", err)
		}
	})
}

// dumb is a register that answers no question: as when all that may be asked
// at the same time are long reports.
type dumb struct{ *store.Store }

func (d dumb) Key(ctx context.Context, _ string) (tollgate.Key, error) {
	<-ctx.Done()
	return tollgate.Key{}, ctx.Err()
}

// TestANewKeyWaitsForNoReport, and with it no revocation does.
func TestANewKeyWaitsForNoReport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := openVault(t, false)
		if err := v.store.CreateTeam(t.Context(), tollgate.Team{Name: "core"}); err != nil {
			t.Fatal(err)
		}
		service := admin.NewService(dumb{v.store}, ledger{v.store, &v.unstored}, v.directory, newRules(v.store, time.UTC, v.clock), time.UTC, v.clock, slog.New(slog.DiscardHandler))
		issued, err := service.CreateKey(t.Context(), root, newServiceKey)
		if err != nil || issued.Team != "core" || !v.opens(issued.Whole.Reveal()) {
			t.Errorf("issued %+v, %v", issued.Key, err)
		}
	})
}
