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

// uses are the newest row of every key, but for those of the ledger's last
// moments: a process that was killed just after them had not stored the use.
type uses struct {
	until time.Time // where the last moments begin; zero: not known yet
	rows  map[string]*tollgate.Exchange
}

// lastUse compares when keys were last used with their newest rows.
func lastUse(i *inspection, found *findings) work {
	u := &uses{rows: map[string]*tollgate.Exchange{}}
	return work{
		slice: func(ctx context.Context, slice *store.Slice) error { return u.add(ctx, i.Store, slice.Rows) },
		end: func(ctx context.Context) error {
			keys, err := i.Store.Keys(ctx, tollgate.KeyFilter{})
			for _, key := range keys {
				row := u.rows[key.ID]
				if row != nil && row.Time.Sub(key.LastUsedAt) > useLag {
					found.add("key %s made request %s %s, and the register says that it was last used %s", key.ID, row.ID, moment(row.Time), moment(key.LastUsedAt))
				}
			}
			return err
		},
	}
}

func (u *uses) add(ctx context.Context, ledger *store.Store, rows []*tollgate.Exchange) error {
	if u.until.IsZero() {
		newest, _, err := ledger.Requests(ctx, tollgate.RequestQuery{Limit: 1})
		if err != nil || len(newest) == 0 {
			return err
		}
		u.until = newest[0].Time.Add(-useLag)
	}
	for _, x := range rows {
		if last := u.rows[x.Key]; x.Time.Before(u.until) && (last == nil || x.Time.After(last.Time)) {
			u.rows[x.Key] = x
		}
	}
	return nil
}

func moment(at time.Time) string {
	if at.IsZero() {
		return "never"
	}
	return "at " + at.UTC().Format(time.RFC3339Nano)
}
