// Package cred puts the provider's credential on one outgoing request.
//
// Credentials that expire are renewed early, by one caller at a time, and off
// the path of requests as long as the one at hand still holds. A credential is
// never logged and never part of an error.
package cred

import (
	"context"
	"net/http"

	"tollgate"
	"tollgate/internal/secret"
)

// Static sets one header to a value that does not change.
type Static struct {
	name  string
	value secret.String
}

// APIKey sends a key as x-api-key.
func APIKey(key secret.String) *Static { return &Static{name: "X-Api-Key", value: key} }

// Bearer sends a token as Authorization: Bearer.
func Bearer(token secret.String) *Static {
	return &Static{name: "Authorization", value: secret.New("Bearer " + token.Reveal())}
}

// Sign sets the header. It never fails.
func (s *Static) Sign(_ context.Context, r *http.Request, _ func() Sum, _ tollgate.Principal) error {
	r.Header[s.name] = []string{s.value.Reveal()}
	return nil
}
