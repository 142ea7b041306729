package store_test

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"tollgate"
	"tollgate/internal/store"
)

// What the kernel has at the moment of a kill is what a copy of the files has:
// every row whose Append had returned is in it, whoever opens it.
func TestPromise2_AcknowledgedRowsSurviveKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tollgate.db")
	s := open(t, path)
	var ids []string
	for range 30 {
		var batch []*tollgate.Exchange
		for range 50 {
			x := request(time.Now())
			batch, ids = append(batch, x), append(ids, x.ID)
		}
		if err := s.Append(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
	}
	hasAll(t, open(t, copyFiles(t, path)), ids)
	killed, err := store.OpenReadOnly(t.Context(), copyFiles(t, path))
	if err != nil {
		t.Fatal(err)
	}
	hasAll(t, killed, ids)
	if err := killed.Close(); err != nil {
		t.Error(err)
	}
}

// copyFiles copies the database and its write-ahead log, but not the shared
// memory, which does not outlive the last process.
func copyFiles(t *testing.T, path string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "tollgate.db")
	for _, suffix := range []string{"", "-wal"} {
		from, err := os.Open(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		defer from.Close()
		into, err := os.OpenFile(to+suffix, os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		defer into.Close()
		if n, err := io.Copy(into, from); err != nil || n == 0 {
			t.Fatalf("copied %d bytes of %s: %v", n, from.Name(), err)
		}
	}
	return to
}

func hasAll(t *testing.T, s *store.Store, ids []string) {
	t.Helper()
	rows, _, err := s.Requests(t.Context(), tollgate.RequestQuery{Limit: len(ids) + 1})
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, x := range rows {
		found = append(found, x.ID)
	}
	slices.Sort(found)
	slices.Sort(ids)
	if !slices.Equal(found, ids) {
		t.Errorf("there are %d rows, not the %d that were appended", len(found), len(ids))
	}
}

func TestOpenReadOnly_ChangesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tollgate.db")
	x := request(time.Now())
	s, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Append(t.Context(), []*tollgate.Exchange{x}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	stopped, err := store.OpenReadOnly(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer stopped.Close()
	hasAll(t, stopped, []string{x.ID})
	if err := stopped.Append(t.Context(), []*tollgate.Exchange{x}); !tollgate.IsKind(err, tollgate.Invalid) {
		t.Errorf("append to a store that is only read: %v", err)
	}
	if err := stopped.CreateTeam(t.Context(), tollgate.Team{Name: "web"}); !tollgate.IsKind(err, tollgate.Invalid) {
		t.Errorf("change of a store that is only read: %v", err)
	}
	if files, err := filepath.Glob(path + "*"); err != nil || len(files) != 1 {
		t.Errorf("files are %q, %v; want the database alone", files, err)
	}
}

func TestOpenReadOnly_WhileTheGatewayRuns(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tollgate.db")
	running := open(t, path)
	reader, err := store.OpenReadOnly(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	x := request(time.Now())
	if err := running.Append(t.Context(), []*tollgate.Exchange{x}); err != nil {
		t.Fatal(err)
	}
	hasAll(t, reader, []string{x.ID})
}
