package client

import (
	"context"
	"net/http"
	"net/url"

	"tollgate/api"
)

// KeyFilter chooses keys. Empty members let every key through.
type KeyFilter struct {
	Developer string
	Service   string
	Team      string
}

// CreateKey issues a key. The answer is the only one that ever holds it whole.
func (c *Client) CreateKey(ctx context.Context, key api.NewKey) (api.Key, error) {
	return call[api.Key](ctx, c, http.MethodPost, resource("keys"), key)
}

// Key looks one key up by its public id.
func (c *Client) Key(ctx context.Context, id string) (api.Key, error) {
	return call[api.Key](ctx, c, http.MethodGet, resource("keys", id), nil)
}

// Keys lists keys, revoked ones included.
func (c *Client) Keys(ctx context.Context, filter KeyFilter) (api.List[api.Key], error) {
	path := withQuery(resource("keys"), url.Values{
		"developer": {filter.Developer}, "service": {filter.Service}, "team": {filter.Team},
	})
	return call[api.List[api.Key]](ctx, c, http.MethodGet, path, nil)
}

// RotateKey gives the key a fresh secret, which only this answer holds.
func (c *Client) RotateKey(ctx context.Context, id string, rotation api.KeyRotation) (api.Key, error) {
	return call[api.Key](ctx, c, http.MethodPost, resource("keys", id, "rotate"), rotation)
}

// RevokeKey ends a key at once.
func (c *Client) RevokeKey(ctx context.Context, id string) (api.Key, error) {
	return call[api.Key](ctx, c, http.MethodPost, resource("keys", id, "revoke"), nil)
}
