package store

import (
	"context"
	"fmt"

	"tollgate"
)

// Integrity asks the database what is wrong with itself: its pages, its
// indexes, its constraints and its references, a sentence for each, at most
// so many. It reads the whole file.
func (s *Store) Integrity(ctx context.Context, most int) (faults []string, err error) {
	pages, err := find(ctx, s.read, scanText, fmt.Sprintf("PRAGMA integrity_check(%d)", most))
	if err != nil {
		return nil, err
	}
	for _, said := range pages {
		if said != "ok" {
			faults = append(faults, "the database says of itself: "+said)
		}
	}
	references, err := find(ctx, s.read, scanReference, `
		SELECT "table", coalesce(rowid, 0), parent FROM pragma_foreign_key_check LIMIT ?`, most)
	return append(faults, references...), err
}

func scanReference(row scanner) (string, error) {
	var table, parent string
	var number int64
	err := row.Scan(&table, &number, &parent)
	return fmt.Sprintf("row %d of the table %s refers to a row of %s that is not there", number, table, parent), err
}

// Rows looks requests up by their ids. Those without a row are left out.
func (s *Store) Rows(ctx context.Context, ids []string) (map[string]*tollgate.Exchange, error) {
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	found, err := find(ctx, s.read, scanRequest, selectRequest+" WHERE id IN ("+placeholders(len(ids))+")", args...)
	rows := make(map[string]*tollgate.Exchange, len(found))
	for _, x := range found {
		rows[x.ID] = x
	}
	return rows, err
}
