package main

import (
	"context"
	"time"

	"tollgate"
)

// noRules are the budgets and limits of a gateway that is stopped: it enforces
// none, and a caller who may only read changes none.
type noRules struct{}

var errNothingRuns = tollgate.Errorf(tollgate.Conflict, "the gateway is stopped; start it to ask this")

func (noRules) BudgetsChanged(context.Context) error            { return errNothingRuns }
func (noRules) LimitsChanged(context.Context) error             { return errNothingRuns }
func (noRules) BudgetStates(string) []tollgate.BudgetState      { return nil }
func (noRules) TestAlerts(context.Context) []tollgate.AlertTest { return nil }

func (noRules) PreviewBudget(context.Context, tollgate.Budget, time.Time, time.Time) (tollgate.Preview, error) {
	return tollgate.Preview{}, errNothingRuns
}

func (noRules) PreviewLimit(context.Context, tollgate.Limit, time.Time, time.Time) (tollgate.Preview, error) {
	return tollgate.Preview{}, errNothingRuns
}
