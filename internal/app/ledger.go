package app

import (
	"context"
	"time"

	"tollgate"
	"tollgate/internal/store"
)

// ledger answers administrators from the database, after everything recorded
// so far has reached it: who has just made a request finds it. When the
// database takes no rows, it is asked all the same, for what it has.
type ledger struct {
	store  *store.Store
	writer *store.Writer
}

// freshBound is how long a question waits for the last rows.
const freshBound = time.Second

func (l ledger) catchUp(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, freshBound)
	defer cancel()
	_ = l.writer.Flush(ctx) // the writer tells of its troubles itself
}

// Request finds one row by our id or by the provider's.
func (l ledger) Request(ctx context.Context, id string) (*tollgate.Exchange, error) {
	l.catchUp(ctx)
	return l.store.Request(ctx, id)
}

// Requests lists rows, newest first.
func (l ledger) Requests(ctx context.Context, query tollgate.RequestQuery) ([]*tollgate.Exchange, string, error) {
	l.catchUp(ctx)
	return l.store.Requests(ctx, query)
}

// Usage sums rows.
func (l ledger) Usage(ctx context.Context, query tollgate.UsageQuery) (tollgate.UsageReport, error) {
	l.catchUp(ctx)
	return l.store.Usage(ctx, query)
}
