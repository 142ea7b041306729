package client

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"tollgate/api"
)

// Checkpoint is the newest checkpoint of the audit log.
func (c *Client) Checkpoint(ctx context.Context) (api.AuditCheckpoint, error) {
	return call[api.AuditCheckpoint](ctx, c, http.MethodGet, resource("audit", "checkpoint"), nil)
}

// VerifyAudit reads the whole audit log, and holds checkpoints against it that
// were kept elsewhere. It may take minutes.
func (c *Client) VerifyAudit(ctx context.Context, held []string) (api.AuditVerification, error) {
	return call[api.AuditVerification](ctx, c, http.MethodGet, withQuery(resource("audit", "verify"), url.Values{"checkpoint": held}), nil)
}

// ExportAudit writes the whole audit log as a tar archive. After an error what was
// written is of no use.
func (c *Client) ExportAudit(ctx context.Context, to io.Writer) error {
	request, err := c.request(ctx, http.MethodGet, resource("audit", "export"), nil)
	if err != nil {
		return err
	}
	response, err := c.http.Do(request)
	if err != nil {
		return fmt.Errorf("the gateway cannot be reached: %w", bare(err))
	}
	defer response.Body.Close()
	if response.StatusCode >= http.StatusMultipleChoices {
		answer, _ := io.ReadAll(io.LimitReader(response.Body, 1<<20)) // as much as there is
		return c.failure(response.StatusCode, answer)
	}
	if _, err := io.Copy(to, response.Body); err != nil {
		return fmt.Errorf("the answer of the gateway broke off: %w", err)
	}
	return nil
}

// AuditQuery chooses records of the audit log.
type AuditQuery struct {
	Span
	Where  []string // "developer=ada@example.com"
	Limit  int      // 0: the gateway's own choice
	Cursor string
}

// AuditRecords lists records of the audit log, newest first.
func (c *Client) AuditRecords(ctx context.Context, query AuditQuery) (api.List[api.AuditEntry], error) {
	values := query.values()
	values["where"] = query.Where
	values.Set("cursor", query.Cursor)
	if query.Limit != 0 {
		values.Set("limit", strconv.Itoa(query.Limit))
	}
	return call[api.List[api.AuditEntry]](ctx, c, http.MethodGet, withQuery(resource("audit", "records"), values), nil)
}

// AuditRecord looks one record up: by the id of its request or event, or by its
// chain and number, as in chn_…/12.
func (c *Client) AuditRecord(ctx context.Context, id string) (api.AuditRecord, error) {
	return call[api.AuditRecord](ctx, c, http.MethodGet, resource("audit", "records", id), nil)
}
