package store

import (
	"context"
	"time"

	"tollgate"
)

// CatchUpUses moves the last use of keys forward to their newest rows. A
// process that was killed left rows behind whose use it had not stored; they
// are newer than any use that was.
func (s *Store) CatchUpUses(ctx context.Context) error {
	stored, err := find(ctx, s.read, scanMoment, "SELECT coalesce(max(last_used_at), 0) FROM gateway_key")
	if err != nil {
		return err
	}
	uses := map[string]time.Time{}
	scan := func(row scanner) (struct{}, error) {
		var key string
		var at int64
		err := row.Scan(&key, &at)
		uses[key] = moment(at)
		return struct{}{}, err
	}
	_, err = find(ctx, s.read, scan, "SELECT key, max(time)"+requests+" WHERE id >= ? GROUP BY key", tollgate.FirstRequestID(stored[0].Add(-drift)))
	if err != nil {
		return err
	}
	return s.TouchKeys(ctx, uses)
}

func scanMoment(row scanner) (time.Time, error) {
	var at int64
	err := row.Scan(&at)
	return moment(at), err
}
