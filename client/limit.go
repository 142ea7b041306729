package client

import (
	"context"
	"net/http"

	"tollgate/api"
)

// SetLimit changes the limit that is there for the same scope, models and
// each, or adds one. It may be repeated.
func (c *Client) SetLimit(ctx context.Context, limit api.NewLimit) (api.Limit, error) {
	return call[api.Limit](ctx, c, http.MethodPut, resource("limits"), limit)
}

// Limit looks one limit up.
func (c *Client) Limit(ctx context.Context, id string) (api.Limit, error) {
	return call[api.Limit](ctx, c, http.MethodGet, resource("limits", id), nil)
}

// Limits lists all limits.
func (c *Client) Limits(ctx context.Context) (api.List[api.Limit], error) {
	return call[api.List[api.Limit]](ctx, c, http.MethodGet, resource("limits"), nil)
}

// RemoveLimit takes a limit away.
func (c *Client) RemoveLimit(ctx context.Context, id string) error {
	_, err := call[struct{}](ctx, c, http.MethodDelete, resource("limits", id), nil)
	return err
}

// PreviewLimit says what a limit would have done to the requests in the
// ledger. It changes nothing.
func (c *Client) PreviewLimit(ctx context.Context, limit api.LimitPreview) (api.Preview, error) {
	return call[api.Preview](ctx, c, http.MethodPost, resource("limits", "preview"), limit)
}
