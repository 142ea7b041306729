package client

import (
	"context"
	"net/http"

	"tollgate/api"
)

// AuditSinks are those who are handed the audit log, and how far each has come.
func (c *Client) AuditSinks(ctx context.Context) (api.List[api.AuditSink], error) {
	return call[api.List[api.AuditSink]](ctx, c, http.MethodGet, resource("audit", "sinks"), nil)
}
