package store

import (
	"context"
	"database/sql"
	"fmt"

	"tollgate"
)

// Slice is a part of the ledger, all of it read at one moment.
type Slice struct {
	Rows       []*tollgate.Exchange
	Unreadable []string // sentences: rows that are there and cannot be read

	from, to string // ids: above from, up to to
	tx       *sql.Tx
}

// Slices shows the whole ledger to visit, oldest rows first, so many at a time.
// Between two slices the database is let go: however long it takes in all,
// neither the traffic nor the write-ahead log has to wait for it. Rows that are
// added meanwhile may be shown or not. A slice is good until visit returns.
func (s *Store) Slices(ctx context.Context, rows int, visit func(*Slice) error) error {
	for from := ""; ; {
		slice, err := s.slice(ctx, from, rows, visit)
		if err != nil || slice.to == from {
			return err
		}
		from = slice.to
	}
}

func (s *Store) slice(ctx context.Context, from string, rows int, visit func(*Slice) error) (*Slice, error) {
	if err := s.read.enter(ctx); err != nil {
		return nil, err
	}
	tx, err := s.read.BeginTx(ctx, nil)
	if err != nil {
		return nil, fault(err)
	}
	defer tx.Rollback() // nothing was changed
	slice := &Slice{from: from, to: from, tx: tx}
	if err := slice.read(ctx, rows); err != nil || slice.to == from {
		return slice, err
	}
	return slice, visit(slice)
}

// selectSlice finds rows as they are, also those whose profile is missing.
const selectSlice = "SELECT id, profile.profile_id IS NULL, " + requestColumns + ", " + profileColumns +
	" FROM request LEFT JOIN profile USING (profile_id) WHERE id > ? ORDER BY id LIMIT ?"

// read takes the rows. One that cannot be read does not end it.
func (s *Slice) read(ctx context.Context, rows int) error {
	_, err := find(ctx, s.tx, s.scan, selectSlice, s.from, rows)
	return err
}

func (s *Slice) scan(row scanner) (struct{}, error) {
	x, lost := new(tollgate.Exchange), false
	into := append([]any{&s.to, &lost}, fields(x)...)
	switch err := row.Scan(append(into, profileFields(x)...)...); {
	case err == nil:
		s.Rows = append(s.Rows, x)
	case lost: // the scan came as far as that
		s.Unreadable = append(s.Unreadable, fmt.Sprintf("request %s refers to a profile that is not there, so nobody knows whose it is", s.to))
	default:
		s.Unreadable = append(s.Unreadable, fmt.Sprintf("request %s cannot be read: %v", s.to, err))
	}
	return struct{}{}, nil
}

// Usage adds the slice's rows up as a report does.
func (s *Slice) Usage(ctx context.Context, by ...string) (tollgate.UsageReport, error) {
	chosen := new(conditions)
	chosen.and("id > ?", s.from)
	chosen.and("id <= ?", s.to)
	return usage(ctx, s.tx, tollgate.UsageQuery{By: by}, chosen)
}

// String names the slice by its first and last row.
func (s *Slice) String() string {
	if len(s.Rows) == 0 {
		return "up to " + s.to
	}
	return s.Rows[0].ID + " to " + s.to
}
