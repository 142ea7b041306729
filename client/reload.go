package client

import (
	"context"
	"net/http"

	"tollgate/api"
)

// Reload has the gateway read its configuration again. The error names every
// mistake with its line; then nothing has changed.
func (c *Client) Reload(ctx context.Context) (api.Reload, error) {
	return call[api.Reload](ctx, c, http.MethodPost, resource("reload"), nil)
}
