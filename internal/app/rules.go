package app

import (
	"context"
	"time"

	"tollgate"
)

// rules are the budgets and limits of a gateway that enforces none.
type rules struct{}

// errNoPreview is answered until there are previews.
var errNoPreview = tollgate.Errorf(tollgate.NotFound, "this gateway has no previews")

func (rules) BudgetsChanged(context.Context) error            { return nil }
func (rules) LimitsChanged(context.Context) error             { return nil }
func (rules) BudgetStates(string) []tollgate.BudgetState      { return nil }
func (rules) TestAlerts(context.Context) []tollgate.AlertTest { return nil }

func (rules) PreviewBudget(context.Context, tollgate.Budget, time.Time, time.Time) (tollgate.Preview, error) {
	return tollgate.Preview{}, errNoPreview
}

func (rules) PreviewLimit(context.Context, tollgate.Limit, time.Time, time.Time) (tollgate.Preview, error) {
	return tollgate.Preview{}, errNoPreview
}
