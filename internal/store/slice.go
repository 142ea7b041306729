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
	Mark       int64    // rows that were added after it are in no slice

	from, to string // ids: above from, up to to
	tx       *sql.Tx
}

// Slices shows the whole ledger to visit, oldest rows first, so many at a time.
// Between two slices the database is let go: however long it takes in all,
// neither the traffic nor the write-ahead log has to wait for it. Rows that are
// added meanwhile are not shown. A slice is good until visit returns.
func (s *Store) Slices(ctx context.Context, rows int, visit func(*Slice) error) error {
	at, err := readMark(ctx, s.read)
	for from, more := "", err == nil; more; {
		slice := &Slice{Mark: at.newest, from: from, to: from}
		err = s.view(ctx, func(tx *sql.Tx) error {
			slice.tx = tx
			if err := slice.read(ctx, rows); err != nil || slice.to == from {
				return err
			}
			return visit(slice)
		})
		more = err == nil && slice.to != from
		from = slice.to
	}
	return err
}

// selectSlice finds rows as they are, also those whose profile is missing.
const selectSlice = "SELECT id, profile.profile_id IS NULL, " + requestColumns + ", " + profileColumns +
	" FROM request LEFT JOIN profile USING (profile_id) WHERE id > ? AND " + arrival + " <= ? ORDER BY id LIMIT ?"

// read takes the rows. One that cannot be read does not end it.
func (s *Slice) read(ctx context.Context, rows int) error {
	_, err := find(ctx, s.tx, s.scan, selectSlice, s.from, s.Mark, rows)
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
	chosen.and(arrival+" <= ?", s.Mark)
	return usage(ctx, s.tx, tollgate.UsageQuery{By: by}, chosen)
}

// String names the slice by its first and last row.
func (s *Slice) String() string {
	if len(s.Rows) == 0 {
		return "up to " + s.to
	}
	return s.Rows[0].ID + " to " + s.to
}
