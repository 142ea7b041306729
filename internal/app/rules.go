package app

import (
	"context"
	"time"

	"tollgate"
	"tollgate/internal/policy/budget"
	"tollgate/internal/policy/limit"
)

// rules are the budgets and limits of a gateway.
type rules struct {
	budgets *budget.Keeper
	limits  *limit.Limiter
}

func newRules(zone *time.Location) *rules {
	return &rules{budget.New(zone, time.Now), limit.New(time.Now)}
}

// errNoPreview is answered until there are previews.
var errNoPreview = tollgate.Errorf(tollgate.NotFound, "this gateway has no previews")

func (*rules) BudgetsChanged(context.Context) error            { return nil }
func (*rules) LimitsChanged(context.Context) error             { return nil }
func (*rules) BudgetStates(string) []tollgate.BudgetState      { return nil }
func (*rules) TestAlerts(context.Context) []tollgate.AlertTest { return nil }

func (*rules) PreviewBudget(context.Context, tollgate.Budget, time.Time, time.Time) (tollgate.Preview, error) {
	return tollgate.Preview{}, errNoPreview
}

func (*rules) PreviewLimit(context.Context, tollgate.Limit, time.Time, time.Time) (tollgate.Preview, error) {
	return tollgate.Preview{}, errNoPreview
}
