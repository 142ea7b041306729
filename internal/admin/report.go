package admin

import (
	"cmp"
	"context"
	"time"

	"tollgate"
)

// Bounds of a page of requests.
const (
	defaultPage = 100
	maxPage     = 1000
)

// defaultReport is how far back a usage report goes when nobody says.
const defaultReport = "30d"

// Span is a stretch of time as people write it: dates, times or spans that
// count back from now. Empty means unbounded.
type Span struct {
	Since, Until string
	TimeZone     string // IANA name; empty: the organisation's
}

// RequestQuestion says which rows of the ledger to show.
type RequestQuestion struct {
	Span
	Where  map[string][]string
	Limit  int
	Cursor string
}

// Requests lists rows of the ledger, newest first.
func (s *Service) Requests(ctx context.Context, caller Caller, question RequestQuestion) (page tollgate.RequestPage, err error) {
	if err := s.authorize(caller, readLedger); err != nil {
		return page, err
	}
	query := tollgate.RequestQuery{Where: canonicalWhere(question.Where), Limit: cmp.Or(question.Limit, defaultPage), Cursor: question.Cursor}
	if query.Limit < 1 || query.Limit > maxPage {
		return page, tollgate.Errorf(tollgate.Invalid, "a page has from 1 to %d rows, not %d", maxPage, query.Limit)
	}
	if query.Since, query.Until, _, err = s.bounds(question.Span, s.now()); err != nil {
		return page, err
	}
	page.Unstored = s.ledger.CatchUp(ctx)
	page.Rows, page.Next, err = s.ledger.Requests(ctx, query)
	return page, err
}

// Request looks one row up, by its id or by the provider's request id.
func (s *Service) Request(ctx context.Context, caller Caller, id string) (*tollgate.Exchange, error) {
	if err := s.authorize(caller, readLedger); err != nil {
		return nil, err
	}
	s.ledger.CatchUp(ctx)
	return s.ledger.Request(ctx, id)
}

// UsageQuestion says what a report is about.
type UsageQuestion struct {
	Span  // Since: 30 days when empty
	By    []string
	Where map[string][]string
}

// Usage reports what was consumed, by any attributes of the requests.
func (s *Service) Usage(ctx context.Context, caller Caller, question UsageQuestion) (tollgate.UsageReport, error) {
	if err := s.authorize(caller, readLedger); err != nil {
		return tollgate.UsageReport{}, err
	}
	question.Since = cmp.Or(question.Since, defaultReport)
	now := s.now()
	since, until, zone, err := s.bounds(question.Span, now)
	if err != nil {
		return tollgate.UsageReport{}, err
	}
	unstored := s.ledger.CatchUp(ctx)
	report, err := s.ledger.Usage(ctx, tollgate.UsageQuery{
		By: question.By, Since: since, Until: until, Where: canonicalWhere(question.Where), Location: zone,
	})
	report.Since, report.Location, report.Unstored = since, zone, unstored
	if report.Until = until; until.IsZero() {
		report.Until = now
	}
	return report, err
}

// bounds reads a span. An empty bound is the zero time.
func (s *Service) bounds(span Span, now time.Time) (since, until time.Time, zone *time.Location, err error) {
	err = firstError(
		func() (err error) { zone, err = s.location(span.TimeZone); return err },
		func() (err error) { since, err = parsePast(span.Since, now, zone); return err },
		func() (err error) { until, err = parsePast(span.Until, now, zone); return err },
	)
	if err == nil && !until.IsZero() && until.Before(since) {
		err = tollgate.Errorf(tollgate.Invalid, "the time asked for ends (%s) before it begins (%s)", until.UTC().Format(time.RFC3339), since.UTC().Format(time.RFC3339))
	}
	return since, until, zone, err
}

// location finds a time zone by its IANA name.
func (s *Service) location(name string) (*time.Location, error) {
	if name == "" {
		return s.zone, nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil || zone == time.Local {
		return nil, tollgate.Errorf(tollgate.Invalid, "%q is not an IANA time zone such as UTC or Europe/Berlin", name)
	}
	return zone, nil
}

// canonicalWhere asks for developers as the register keeps them.
func canonicalWhere(where map[string][]string) map[string][]string {
	for i, email := range where["developer"] {
		where["developer"][i] = canonicalEmail(email)
	}
	for i, email := range where["person"] {
		where["person"][i] = canonicalEmail(email)
	}
	return where
}
