package store

import (
	"context"
	"testing"
)

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
