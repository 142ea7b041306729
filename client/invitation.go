package client

import (
	"context"
	"net/http"

	"tollgate/api"
)

// Invite makes an invitation. The answer is the only one that holds its code.
func (c *Client) Invite(ctx context.Context, invitation api.NewInvitation) (api.Invitation, error) {
	return call[api.Invitation](ctx, c, http.MethodPost, resource("invitations"), invitation)
}

// Invitations are all, the newest first.
func (c *Client) Invitations(ctx context.Context) (api.List[api.Invitation], error) {
	return call[api.List[api.Invitation]](ctx, c, http.MethodGet, resource("invitations"), nil)
}

// WithdrawInvitation ends one that was not used.
func (c *Client) WithdrawInvitation(ctx context.Context, id string) (api.Invitation, error) {
	return call[api.Invitation](ctx, c, http.MethodPost, resource("invitations", id, "withdraw"), nil)
}
