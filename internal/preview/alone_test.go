package preview

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"tollgate"
	"tollgate/internal/store"
)

func TestOnePreviewAtATime(t *testing.T) {
	t.Parallel()
	l := emptyLedger(t)
	budget := func() error {
		_, err := l.Budget(t.Context(), tollgate.Budget{Period: tollgate.PeriodDay}, time.Time{}, time.Now())
		return err
	}
	limit := func() error {
		_, err := l.Limit(t.Context(), tollgate.Limit{}, time.Time{}, time.Now())
		return err
	}
	for _, ask := range []func() error{budget, limit} {
		_, err := l.alone(func() (tollgate.Preview, error) { return tollgate.Preview{}, ask() })
		if !tollgate.IsKind(err, tollgate.Conflict) {
			t.Errorf("a second preview at the same time: %v, want a conflict", err)
		}
		if err := ask(); err != nil {
			t.Errorf("a preview after another: %v", err)
		}
	}
}

func TestNobodyWaitsAnyMore(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := emptyLedger(t).Limit(ctx, tollgate.Limit{}, time.Time{}, time.Now()); err == nil {
		t.Error("a preview was made for nobody")
	}
}

func emptyLedger(t *testing.T) *Ledger {
	t.Helper()
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), store.File))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return &Ledger{Store: s, Zone: time.UTC}
}
