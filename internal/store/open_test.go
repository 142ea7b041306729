package store_test

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tollgate"
	"tollgate/internal/store"
)

func TestOpen_KeepsFileFromOthers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tollgate.db")
	open(t, path)
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %o, want 600", filepath.Base(name), info.Mode().Perm())
		}
	}
}

// What others could read they can read no longer, the log of a killed process
// included.
func TestOpen_TakesFileFromOthers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tollgate.db")
	s, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Close(), os.Chmod(path, 0o644), os.WriteFile(path+"-wal", nil, 0o666)); err != nil {
		t.Fatal(err)
	}
	open(t, path)
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %o (%v), want 600", filepath.Base(name), info.Mode().Perm(), err)
		}
	}
}

func TestOpen_AnyPath(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, path := range []string{"plain.db", "./a b%20?c#d;é.db", filepath.Join(t.TempDir(), "a b%20?c#d;é.db")} {
		open(t, path)
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
	left, err := filepath.Glob("*")
	if err != nil || len(left) != 6 {
		t.Errorf("files are %q, %v; want two databases with their logs", left, err)
	}
}

func TestOpen_Twice(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tollgate.db")
	x := request(time.Now())
	first, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Append(t.Context(), []*tollgate.Exchange{x}); err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	again := open(t, path)
	if err := again.Append(t.Context(), []*tollgate.Exchange{x, request(time.Now())}); err != nil {
		t.Error(err)
	}
	report, err := again.Usage(t.Context(), tollgate.UsageQuery{By: []string{"upstream"}})
	if err != nil || len(report.Rows) != 1 || report.Total.Requests != 2 {
		t.Errorf("report over two lives is %+v, %v; want one row of two requests", report.Rows, err)
	}
}

// What is wrong with the file is said in words that an operator can act on.
func TestOpen_Refused(t *testing.T) {
	for name, test := range map[string]struct {
		spoil  func(t *testing.T, path string)
		opener func(*testing.T, string) (*store.Store, error)
		says   string
	}{
		"no folder":          {func(*testing.T, string) {}, inMissingFolder, "does not exist; create it"},
		"a folder":           {mkdir, readWrite, "cannot be opened"},
		"not a database":     {text, readWrite, "not a tollgate database"},
		"newer schema":       {newerSchema, readWrite, "run the newer tollgate"},
		"locked":             {locked, readWrite, "locked by another process"},
		"nothing to read":    {func(*testing.T, string) {}, readOnly, "there is no ledger at"},
		"not a database, ro": {text, readOnly, "not a tollgate database"},
		"newer schema, ro":   {newerSchema, readOnly, "run the newer tollgate"},
		"no schema, ro":      {foreign, readOnly, "start this tollgate on it once"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "tollgate.db")
			test.spoil(t, path)
			s, err := test.opener(t, path)
			if err == nil {
				s.Close()
				t.Fatal("it opened")
			}
			if message := tollgate.AsError(err).Message; !strings.Contains(message, test.says) || !strings.Contains(message, "tollgate.db") && !strings.Contains(message, "folder") {
				t.Errorf("message is %q, want one that says %q and names the file", message, test.says)
			}
		})
	}
}

func readWrite(t *testing.T, path string) (*store.Store, error) { return store.Open(t.Context(), path) }

func readOnly(t *testing.T, path string) (*store.Store, error) {
	return store.OpenReadOnly(t.Context(), path)
}

func inMissingFolder(t *testing.T, path string) (*store.Store, error) {
	return store.Open(t.Context(), filepath.Join(filepath.Dir(path), "missing", "tollgate.db"))
}

func mkdir(t *testing.T, path string) {
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
}

func text(t *testing.T, path string) {
	if err := os.WriteFile(path, []byte(strings.Repeat("This is a diary. ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
}

func newerSchema(t *testing.T, path string) {
	s, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	execute(t, path, "INSERT INTO schema_version (version_id, is_applied) VALUES (9999, 1)")
}

func foreign(t *testing.T, path string) { execute(t, path, "CREATE TABLE diary (page TEXT)") }

// locked holds the file as another process would, until the test ends.
func locked(t *testing.T, path string) {
	other := execute(t, path, "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE")
	t.Cleanup(func() { other.Exec("ROLLBACK") })
}

// execute runs a statement on a connection of its own.
func execute(t *testing.T, path, statement string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	}
	return db
}

// request makes a row that arrived then.
func request(at time.Time) *tollgate.Exchange {
	return &tollgate.Exchange{ID: tollgate.NewRequestID(at), Time: at.UTC().Truncate(time.Microsecond), Upstream: "anthropic", Status: 200}
}
