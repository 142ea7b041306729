package client

import (
	"context"
	"net/http"

	"tollgate/api"
)

// AddHold puts a legal hold on a developer or on the whole organisation.
func (c *Client) AddHold(ctx context.Context, hold api.NewHold) (api.Hold, error) {
	return call[api.Hold](ctx, c, http.MethodPost, resource("audit", "holds"), hold)
}

// Holds are the legal holds in force, oldest first.
func (c *Client) Holds(ctx context.Context) (api.List[api.Hold], error) {
	return call[api.List[api.Hold]](ctx, c, http.MethodGet, resource("audit", "holds"), nil)
}

// RemoveHold ends a legal hold and returns it as it was.
func (c *Client) RemoveHold(ctx context.Context, id, reason string) (api.Hold, error) {
	return call[api.Hold](ctx, c, http.MethodPost, resource("audit", "holds", id, "remove"), api.RemoveHold{Reason: reason})
}
