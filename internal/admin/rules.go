package admin

import (
	"context"
	"time"

	"tollgate"
)

// Rules is the data plane's view of budgets and limits, and what can be asked
// of it.
type Rules interface {
	// BudgetsChanged returns when what the register has is in force, or why it
	// is not. Then what was in force before still is.
	BudgetsChanged(ctx context.Context) error
	// LimitsChanged is the same for limits.
	LimitsChanged(ctx context.Context) error
	// BudgetStates is where a budget stands, or every budget when id is empty:
	// one state for a budget that is shared, and one for each member that has
	// spent or holds anything for one that is not.
	BudgetStates(id string) []tollgate.BudgetState
	// PreviewBudget and PreviewLimit say what a rule that nobody has set would
	// have done to the requests that arrived since then, until then.
	PreviewBudget(ctx context.Context, budget tollgate.Budget, since, until time.Time) (tollgate.Preview, error)
	PreviewLimit(ctx context.Context, limit tollgate.Limit, since, until time.Time) (tollgate.Preview, error)
	// TestAlerts sends a trial message to everybody who is told of alerts, and
	// returns when each has taken it or has not.
	TestAlerts(ctx context.Context) []tollgate.AlertTest
}
