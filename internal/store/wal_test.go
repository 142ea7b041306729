package store_test

import (
	"bytes"
	"database/sql"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tollgate"
	"tollgate/internal/store"
)

// logBound is small, so that the tests need not write much.
const logBound = 64 << 10

// wait lets time pass and what happens in it end.
func wait(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// grow adds rows until the log is longer than it may be.
func grow(t *testing.T, s *store.Store) {
	t.Helper()
	for before := s.LogSize(); s.LogSize() <= max(before, logBound); {
		batch := make([]*tollgate.Exchange, 100)
		for i := range batch {
			batch[i] = &tollgate.Exchange{ID: tollgate.NewRequestID(time.Now()), Time: time.Now(), Upstream: "anthropic", Status: 200}
		}
		if err := s.Append(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTheLogIsCutWhileReportsOverlap: one report ends only after the next has
// begun, without a pause in which SQLite could begin the log anew. The next
// waits, the log is cut, and both are answered.
func TestTheLogIsCutWhileReportsOverlap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := empty(t)
		var log bytes.Buffer
		end := s.Report(t)
		s.KeepLogShort(logBound, slog.New(slog.NewTextHandler(&log, nil)))
		for range 5 {
			grow(t, s)
			wait(6 * time.Second) // the log is found to be too long; a report is under way
			answered := make(chan func())
			go func() { answered <- s.Report(t) }()
			synctest.Wait()
			end()
			end = <-answered
			if size := s.LogSize(); size != 0 {
				t.Fatalf("the log has %d bytes", size)
			}
		}
		end()
		if log.Len() > 0 {
			t.Errorf("the log says\n%s", &log)
		}
	})
}

// TestAReportThatDoesNotEnd keeps others from the database for a while, not
// for ever; that the log grows is told once.
func TestAReportThatDoesNotEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := empty(t)
		var log bytes.Buffer
		end := s.Report(t)
		grow(t, s)
		s.KeepLogShort(logBound, slog.New(slog.NewTextHandler(&log, nil)))
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		s.Report(t)() // is answered
		if n := strings.Count(log.String(), "cannot be folded in"); n != 1 || !strings.Contains(log.String(), "a report takes longer than 30s") {
			t.Errorf("the log says\n%s", &log)
		}
		grow(t, s) // rows are taken
		end()
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if size := s.LogSize(); size != 0 || !strings.Contains(log.String(), "is short again") {
			t.Errorf("the log has %d bytes, and says\n%s", size, &log)
		}
	})
}

// TestAReaderOfAnotherProcess cannot be held back; rows are taken all the same.
func TestAReaderOfAnotherProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "tollgate.db")
		s := open(t, path)
		grow(t, s)
		var log bytes.Buffer
		s.KeepLogShort(logBound, slog.New(slog.NewTextHandler(&log, nil)))
		other, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		defer other.Close()
		rows, err := other.QueryContext(t.Context(), "SELECT id FROM request")
		if err != nil || !rows.Next() {
			t.Fatal(err)
		}
		grow(t, s)
		time.Sleep(time.Minute)
		synctest.Wait()
		if !strings.Contains(log.String(), "another process") {
			t.Errorf("the log says\n%s", &log)
		}
		grow(t, s)
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if size := s.LogSize(); size != 0 {
			t.Errorf("the log has %d bytes after the reader has gone", size)
		}
	})
}
