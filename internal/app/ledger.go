package app

import (
	"context"

	"tollgate"
	"tollgate/internal/store"
)

// ledger answers administrators from the database, after everything recorded
// so far has reached it: who has just made a request finds it.
type ledger struct {
	store  *store.Store
	writer *store.Writer
}

// Request finds one row by our id or by the provider's.
func (l ledger) Request(ctx context.Context, id string) (*tollgate.Exchange, error) {
	if err := l.writer.Flush(ctx); err != nil {
		return nil, err
	}
	return l.store.Request(ctx, id)
}

// Requests lists rows, newest first.
func (l ledger) Requests(ctx context.Context, query tollgate.RequestQuery) ([]*tollgate.Exchange, string, error) {
	if err := l.writer.Flush(ctx); err != nil {
		return nil, "", err
	}
	return l.store.Requests(ctx, query)
}

// Usage sums rows.
func (l ledger) Usage(ctx context.Context, query tollgate.UsageQuery) (tollgate.UsageReport, error) {
	if err := l.writer.Flush(ctx); err != nil {
		return tollgate.UsageReport{}, err
	}
	return l.store.Usage(ctx, query)
}
