package client

import (
	"context"
	"net/http"
	"net/url"

	"tollgate/api"
)

// CreateDeveloper adds a developer.
func (c *Client) CreateDeveloper(ctx context.Context, developer api.NewDeveloper) (api.Developer, error) {
	return call[api.Developer](ctx, c, http.MethodPost, resource("developers"), developer)
}

// Developer looks one developer up.
func (c *Client) Developer(ctx context.Context, email string) (api.Developer, error) {
	return call[api.Developer](ctx, c, http.MethodGet, resource("developers", email), nil)
}

// Developers lists the developers of a team, or all of them when team is empty.
func (c *Client) Developers(ctx context.Context, team string) (api.List[api.Developer], error) {
	path := withQuery(resource("developers"), url.Values{"team": {team}})
	return call[api.List[api.Developer]](ctx, c, http.MethodGet, path, nil)
}

// RemoveDeveloper takes a developer away and returns their keys that were
// revoked by it.
func (c *Client) RemoveDeveloper(ctx context.Context, email string) (api.List[api.Key], error) {
	return call[api.List[api.Key]](ctx, c, http.MethodDelete, resource("developers", email), nil)
}

// EraseDeveloper takes a person out of everything that is kept, and destroys the
// keys that their bodies were sealed to. It cannot be undone.
func (c *Client) EraseDeveloper(ctx context.Context, email string) (api.Erasure, error) {
	return call[api.Erasure](ctx, c, http.MethodPost, resource("developers", email, "erase"), nil)
}
