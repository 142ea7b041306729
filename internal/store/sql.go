package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"tollgate"
)

// querier is a pool, a connection or a transaction.
type querier interface {
	ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error)
}

// change runs one transaction. Whatever do returns other than nil undoes all
// of it.
func (s *Store) change(ctx context.Context, do func(tx *sql.Tx) error) error {
	return s.changeOn(ctx, "FULL", func(_ *sql.Conn, tx *sql.Tx) error { return do(tx) })
}

// changeOn is change for who needs the writing connection too. synchronous is
// SQLite's: with FULL the change survives a power cut as well, for the price of
// waiting for the disk, with NORMAL only the death of the process.
func (s *Store) changeOn(ctx context.Context, synchronous string, do func(conn *sql.Conn, tx *sql.Tx) error) error {
	if s.write == nil {
		return tollgate.Errorf(tollgate.Invalid, "the database is open for reading only")
	}
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return fault(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "PRAGMA synchronous="+synchronous); err != nil {
		return fault(err)
	}
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return fault(err)
	}
	if err := do(conn, tx); err != nil {
		return fault(errors.Join(err, tx.Rollback()))
	}
	return fault(s.commit(tx))
}

// view reads at one moment, however many questions do asks.
func (s *Store) view(ctx context.Context, do func(tx *sql.Tx) error) error {
	if err := s.read.enter(ctx); err != nil {
		return err
	}
	tx, err := s.read.BeginTx(ctx, nil)
	if err != nil {
		return fault(err)
	}
	defer tx.Rollback() // nothing was changed
	return do(tx)
}

// scanner is one row that has been found.
type scanner interface{ Scan(into ...any) error }

// find returns everything that text selects.
func find[T any](ctx context.Context, from querier, scan func(scanner) (T, error), text string, args ...any) ([]T, error) {
	rows, err := from.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, fault(err)
	}
	defer rows.Close()
	var found []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, fault(err)
		}
		found = append(found, one)
	}
	return found, fault(rows.Err())
}

// findOne returns the first thing that text selects, or missing when there is
// none.
func findOne[T any](ctx context.Context, from querier, missing *tollgate.Error, scan func(scanner) (T, error), text string, args ...any) (T, error) {
	found, err := find(ctx, from, scan, text, args...)
	if err != nil || len(found) == 0 {
		var nothing T
		if err == nil {
			err = missing
		}
		return nothing, err
	}
	return found[0], nil
}

// count is how many rows a change touched.
func count(result sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// micros is a time as the database keeps it: Unix microseconds, 0 for the zero
// time. Nanoseconds would end in 2262, and people write 9999 for "never".
func micros(at time.Time) int64 {
	if at.IsZero() {
		return 0
	}
	return at.UnixMicro()
}

// moment is the inverse of micros, in UTC.
func moment(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}

// orNull is the text, or NULL when it is empty: for columns that refer to
// another table.
func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// placeholders is a list of n of them: "?, ?, ?".
func placeholders(n int) string {
	return strings.TrimSuffix(strings.Repeat("?, ", n), ", ")
}
