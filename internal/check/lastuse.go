package check

import (
	"context"
	"time"

	"tollgate"
	"tollgate/internal/store"
)

// useLag is how far behind the rows the stored last use of a key may be: it is
// stored every five seconds, and that takes a moment.
const useLag = 10 * time.Second

// lastUse compares when keys were last used with their newest rows. Those of
// the ledger's last moments are left out: a process that was killed just after
// them had not stored the use yet.
func lastUse(i *inspection, found *findings) work {
	type newest struct {
		id string
		at time.Time
	}
	rows := map[string]newest{}
	until := i.newest.Add(-useLag)
	return work{
		slice: func(_ context.Context, slice *store.Slice) error {
			for _, x := range slice.Rows {
				if x.Time.After(rows[x.Key].at) && x.Time.Before(until) {
					rows[x.Key] = newest{x.ID, x.Time}
				}
			}
			return nil
		},
		end: func(ctx context.Context) error {
			keys, err := i.Store.Keys(ctx, tollgate.KeyFilter{})
			for _, key := range keys {
				row, used := rows[key.ID]
				if used && row.at.Sub(key.LastUsedAt) > useLag {
					found.add("key %s made request %s %s, and the register says that it was last used %s", key.ID, row.id, moment(row.at), moment(key.LastUsedAt))
				}
			}
			return err
		},
	}
}

func moment(at time.Time) string {
	if at.IsZero() {
		return "never"
	}
	return "at " + at.UTC().Format(time.RFC3339Nano)
}
