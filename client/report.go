package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"tollgate/api"
)

// Span is a stretch of time: dates such as 2026-11-01, times of RFC 3339, or
// spans such as 30d that count back from now. Empty means unbounded.
type Span struct {
	Since, Until string
	TimeZone     string // IANA name; empty: the organisation's
}

// RequestQuery chooses rows of the ledger.
type RequestQuery struct {
	Span
	Where  []string // "developer=ada@example.com"
	Limit  int      // 0: the gateway's own choice
	Cursor string
}

// Requests lists rows of the ledger, newest first.
func (c *Client) Requests(ctx context.Context, query RequestQuery) (api.RequestList, error) {
	values := query.values()
	values["where"] = query.Where
	values.Set("cursor", query.Cursor)
	if query.Limit != 0 {
		values.Set("limit", strconv.Itoa(query.Limit))
	}
	return call[api.RequestList](ctx, c, http.MethodGet, withQuery(resource("requests"), values), nil)
}

// Request looks one row up, by its id or by the provider's request id.
func (c *Client) Request(ctx context.Context, id string) (api.Request, error) {
	return call[api.Request](ctx, c, http.MethodGet, resource("requests", id), nil)
}

// UsageQuery says what a report is about.
type UsageQuery struct {
	Span           // Since: 30 days when empty
	By    []string // attributes of a request, and hour, day, week, month
	Where []string // "developer=ada@example.com"
}

// Usage reports what was consumed.
func (c *Client) Usage(ctx context.Context, query UsageQuery) (api.Usage, error) {
	values := query.values()
	values["where"] = query.Where
	values.Set("by", strings.Join(query.By, ","))
	return call[api.Usage](ctx, c, http.MethodGet, withQuery(resource("usage"), values), nil)
}

func (s Span) values() url.Values {
	return url.Values{"since": {s.Since}, "until": {s.Until}, "time_zone": {s.TimeZone}}
}
