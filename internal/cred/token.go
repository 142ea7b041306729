package cred

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"tollgate"
	"tollgate/internal/secret"
)

// Token sends a token that expires as Authorization: Bearer.
type Token struct {
	source source[secret.String] // of tokens alone
}

func newToken(fetch func(context.Context) (grant[secret.String], error), now func() time.Time, log *slog.Logger) *Token {
	return &Token{source[secret.String]{fetch: fetch, now: now, log: log}}
}

// Sign sets the header. It waits only while there is no token that still
// holds, and then as long as ctx allows.
func (t *Token) Sign(ctx context.Context, r *http.Request, _ func() Sum, _ tollgate.Principal) error {
	token, err := t.source.current(ctx)
	if err != nil {
		return err
	}
	r.Header["Authorization"] = []string{"Bearer " + token.Reveal()}
	return nil
}

// exchangeClient asks where a library is to ask. It never carries a credential
// to another address.
func exchangeClient() *http.Client {
	return &http.Client{
		Timeout:       exchangeTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
