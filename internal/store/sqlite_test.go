package store_test

import (
	"path/filepath"
	"testing"

	"tollgate/internal/store"
	"tollgate/internal/store/storetest"
)

func TestSQLite(t *testing.T) { storetest.Run(t, empty) }

func TestPromise2_OneRowHoweverOftenAppended(t *testing.T) {
	storetest.OneRowHoweverOftenAppended(t, empty(t))
}
func TestPromise2_AllOrNothing(t *testing.T)     { storetest.AllOrNothing(t, empty(t)) }
func TestPromise2_ManyAppendAtOnce(t *testing.T) { storetest.ManyAppendAtOnce(t, empty(t)) }
func TestPromise4_AlertsOnce(t *testing.T)       { storetest.AlertsOnce(t, empty(t)) }
func TestPromise3_TotalsEqualRows(t *testing.T)  { storetest.TotalsEqualRows(t, empty(t)) }

func TestPromise4_CountersFollowRows(t *testing.T) {
	storetest.CountersFollowRows(t, empty(t))
}

func TestPromise4_CountersFollowRowsOfTwoProcesses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tollgate.db")
	storetest.CountersFollowRows(t, open(t, path), open(t, path))
}

func TestPromise4_CountersFollowRowsAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tollgate.db")
	storetest.CountersFollowRowsAtOnce(t, open(t, path), open(t, path))
}
func TestPromise4_NoRowIsCountedTwice(t *testing.T) { storetest.NoRowIsCountedTwice(t, empty(t)) }

// empty opens a new store that is closed when the test ends.
func empty(t *testing.T) *store.Store {
	return open(t, filepath.Join(t.TempDir(), "tollgate.db"))
}

// open opens a store that is closed when the test ends.
func open(t testing.TB, path string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}
