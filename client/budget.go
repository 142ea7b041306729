package client

import (
	"context"
	"net/http"

	"tollgate/api"
)

// SetBudget changes the budget that is there for the same scope, period,
// models, each and hard, or adds one. It may be repeated.
func (c *Client) SetBudget(ctx context.Context, budget api.NewBudget) (api.Budget, error) {
	return call[api.Budget](ctx, c, http.MethodPut, resource("budgets"), budget)
}

// Budget looks one budget up, with its members.
func (c *Client) Budget(ctx context.Context, id string) (api.Budget, error) {
	return call[api.Budget](ctx, c, http.MethodGet, resource("budgets", id), nil)
}

// Budgets lists all budgets and where they stand.
func (c *Client) Budgets(ctx context.Context) (api.List[api.Budget], error) {
	return call[api.List[api.Budget]](ctx, c, http.MethodGet, resource("budgets"), nil)
}

// RemoveBudget takes a budget away.
func (c *Client) RemoveBudget(ctx context.Context, id string) error {
	_, err := call[struct{}](ctx, c, http.MethodDelete, resource("budgets", id), nil)
	return err
}

// RaiseBudget puts a sum on top of a budget's amount, for a while. To ask twice
// is to raise twice.
func (c *Client) RaiseBudget(ctx context.Context, id string, raise api.NewRaise) (api.Budget, error) {
	return call[api.Budget](ctx, c, http.MethodPost, resource("budgets", id, "raises"), raise)
}

// PreviewBudget says what a budget would have done to the requests in the
// ledger. It changes nothing.
func (c *Client) PreviewBudget(ctx context.Context, budget api.BudgetPreview) (api.Preview, error) {
	return call[api.Preview](ctx, c, http.MethodPost, resource("budgets", "preview"), budget)
}

// TestAlerts sends a trial message to everybody who is told of alerts.
func (c *Client) TestAlerts(ctx context.Context) (api.List[api.AlertTest], error) {
	return call[api.List[api.AlertTest]](ctx, c, http.MethodPost, resource("budgets", "alert-test"), nil)
}
