package store

import (
	"context"
	"slices"
	"time"

	"tollgate"
)

// Served are the newest requests since then of sessions that were answered, at
// most so many, the oldest of them first.
func (s *Store) Served(ctx context.Context, since time.Time, most int) ([]*tollgate.Exchange, error) {
	chosen, err := chosenRows(since, time.Time{}, nil)
	if err != nil {
		return nil, err
	}
	chosen.and("status = 200")
	chosen.and("operation = ?", string(tollgate.Messages))
	chosen.and("session <> ''")
	rows, err := find(ctx, s.read, scanServed, selectServed+chosen.where()+" ORDER BY id DESC LIMIT ?", append(chosen.args, most)...)
	slices.Reverse(rows)
	return rows, err
}

const selectServed = "SELECT id, session, operation, model, upstream, status, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens" + requests

func scanServed(row scanner) (*tollgate.Exchange, error) {
	x := new(tollgate.Exchange)
	return x, row.Scan(&x.ID, &x.Session, &x.Operation, &x.Model, &x.Upstream, &x.Status, &x.Usage.CacheRead, &x.Usage.CacheWrite5m, &x.Usage.CacheWrite1h)
}
