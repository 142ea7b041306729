package client

import (
	"context"
	"net/http"

	"tollgate/api"
)

// Upstreams are all that are configured, in order.
func (c *Client) Upstreams(ctx context.Context) (api.List[api.Upstream], error) {
	return call[api.List[api.Upstream]](ctx, c, http.MethodGet, resource("upstreams"), nil)
}

// CheckUpstream has the gateway send an upstream one small request, which the
// provider bills. That it fails is no error.
func (c *Client) CheckUpstream(ctx context.Context, name string) (api.UpstreamCheck, error) {
	return call[api.UpstreamCheck](ctx, c, http.MethodPost, resource("upstreams", name, "check"), nil)
}
