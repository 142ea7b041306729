package store

import (
	"context"
	"database/sql"
	"errors"
	"testing"
)

// ErrCommit is what FailCommit fails with.
var ErrCommit = errors.New("disk I/O error")

// FailCommit has the next commit fail: before anything is stored, or after.
func (s *Store) FailCommit(stored bool) {
	s.commit = func(tx *sql.Tx) error {
		s.commit = (*sql.Tx).Commit
		if stored {
			return errors.Join(ErrCommit, tx.Commit())
		}
		return errors.Join(ErrCommit, tx.Rollback())
	}
}

// LogSize is the size of the write-ahead log in bytes.
func (s *Store) LogSize() int64 { return s.logSize() }

// Report is a report that has begun, and ends when it is told to.
func (s *Store) Report(t *testing.T) (end func()) {
	t.Helper()
	rows, err := s.read.QueryContext(context.Background(), "SELECT 1 FROM request UNION ALL SELECT 2")
	if err != nil || !rows.Next() {
		t.Fatal(err)
	}
	return func() {
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
	}
}
