package store

import (
	"context"
)

// arrival numbers rows in the order in which they were added. SQLite keeps it
// beside every row, one more than that of the row before.
const arrival = "request.rowid"

// mark is how far rows and counters are.
type mark struct {
	version int64 // of the rules; 0 when there never were any
	counted int64 // the last row that is in the counters
	newest  int64 // the last row that is there
}

const selectMark = `
	SELECT coalesce((SELECT CAST(value AS BIGINT) FROM setting WHERE name = '` + rulesVersion + `'), 0),
	       coalesce((SELECT CAST(value AS BIGINT) FROM setting WHERE name = '` + countedThrough + `'), 0),
	       coalesce((SELECT max(` + arrival + `) FROM request), 0)`

func readMark(ctx context.Context, from querier) (mark, error) {
	found, err := find(ctx, from, func(row scanner) (m mark, err error) {
		return m, row.Scan(&m.version, &m.counted, &m.newest)
	}, selectMark)
	if err != nil {
		return mark{}, err
	}
	return found[0], nil
}
