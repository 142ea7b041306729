package client

import (
	"context"
	"net/http"

	"tollgate/api"
)

// CheckLedger compares the ledger with everything that has to agree with it.
// It may take minutes.
func (c *Client) CheckLedger(ctx context.Context) (api.LedgerCheck, error) {
	return call[api.LedgerCheck](ctx, c, http.MethodGet, resource("ledger", "check"), nil)
}
