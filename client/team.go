package client

import (
	"context"
	"net/http"

	"tollgate/api"
)

// CreateTeam adds a team.
func (c *Client) CreateTeam(ctx context.Context, team api.NewTeam) (api.Team, error) {
	return call[api.Team](ctx, c, http.MethodPost, resource("teams"), team)
}

// Team looks one team up.
func (c *Client) Team(ctx context.Context, name string) (api.Team, error) {
	return call[api.Team](ctx, c, http.MethodGet, resource("teams", name), nil)
}

// Teams lists all teams.
func (c *Client) Teams(ctx context.Context) (api.List[api.Team], error) {
	return call[api.List[api.Team]](ctx, c, http.MethodGet, resource("teams"), nil)
}

// RemoveTeam takes a team away that nobody is in any more.
func (c *Client) RemoveTeam(ctx context.Context, name string) error {
	_, err := call[struct{}](ctx, c, http.MethodDelete, resource("teams", name), nil)
	return err
}
