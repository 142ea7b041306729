package admin

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"tollgate"
	"tollgate/api"
)

// defaultPreview is how far back a preview goes when nobody says.
const defaultPreview = "7d"

// Preview is what a rule would have done, and where its days begin.
type Preview struct {
	tollgate.Preview
	Zone *time.Location
}

// PreviewBudget says what a budget would have done to the requests in the
// ledger. Nothing is stored.
func (s *Service) PreviewBudget(ctx context.Context, caller Caller, input api.BudgetPreview) (Preview, error) {
	if err := s.authorize(caller, previewBudget); err != nil {
		return Preview{}, err
	}
	budget, err := s.draftBudget(input.NewBudget)
	if err != nil {
		return Preview{}, err
	}
	return s.preview(ctx, budget.Scope, input.PreviewSpan, func(since, until time.Time) (tollgate.Preview, error) {
		return s.rules.PreviewBudget(ctx, budget, since, until)
	})
}

// PreviewLimit is PreviewBudget for a limit.
func (s *Service) PreviewLimit(ctx context.Context, caller Caller, input api.LimitPreview) (Preview, error) {
	if err := s.authorize(caller, previewLimit); err != nil {
		return Preview{}, err
	}
	limit, err := s.draftLimit(input.NewLimit)
	if err != nil {
		return Preview{}, err
	}
	return s.preview(ctx, limit.Scope, input.PreviewSpan, func(since, until time.Time) (tollgate.Preview, error) {
		return s.rules.PreviewLimit(ctx, limit, since, until)
	})
}

// preview asks about a scope that is there and a span, when what has ended is
// in the ledger.
func (s *Service) preview(ctx context.Context, scope tollgate.Scope, span api.PreviewSpan, ask func(since, until time.Time) (tollgate.Preview, error)) (Preview, error) {
	now := s.now()
	since, until, _, err := s.bounds(Span{Since: cmp.Or(span.Since, defaultPreview), Until: span.Until}, now)
	if err == nil {
		err = s.checkThere(ctx, scope)
	}
	if err != nil {
		return Preview{}, err
	}
	if until.IsZero() || until.After(now) {
		until = now
	}
	unstored := s.ledger.CatchUp(ctx)
	found, err := ask(since, until)
	if unstored > 0 {
		found.Notes = append(found.Notes, fmt.Sprintf("Requests that have ended and are not in the ledger yet, and so not in this answer: %d.", unstored))
	}
	return Preview{found, s.zone}, err
}
