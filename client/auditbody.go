package client

import (
	"context"
	"net/http"
	"net/url"

	"tollgate/api"
)

// SealedBody fetches a body of a request: part is request or response. The audit
// log says that it was fetched.
func (c *Client) SealedBody(ctx context.Context, id, part string) (api.SealedBody, error) {
	return call[api.SealedBody](ctx, c, http.MethodGet, resource("audit", "bodies", id)+"?"+url.Values{"part": {part}}.Encode(), nil)
}
