package upstream

import (
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"tollgate/internal/cred"
	"tollgate/internal/dialect/messages"
)

// newAnthropic makes an upstream that speaks the Messages API itself. Keys go
// into x-api-key, tokens into Authorization (providers.md 1.2, 2026-11-23).
func newAnthropic(config Config, base *url.URL, now func() time.Time, log *slog.Logger) *Upstream {
	u := &Upstream{base: base, dialect: messages.Dialect{}, transport: newTransport()}
	u.signer = anthropicSigner(config, u, now, log)
	return u
}

func anthropicSigner(config Config, u *Upstream, now func() time.Time, log *slog.Logger) Signer {
	switch {
	case config.Federation != nil:
		client := &http.Client{Transport: u.transport, CheckRedirect: neverFollow}
		return cred.NewFederation(cred.FederationConfig{
			TokenURL:       u.base.JoinPath("/v1/oauth/token").String(),
			Rule:           config.Federation.Rule,
			Organization:   config.Federation.Organization,
			ServiceAccount: config.Federation.ServiceAccount,
			Workspace:      config.Federation.Workspace,
			TokenFile:      config.Federation.TokenFile,
		}, client, now, log)
	case config.BearerFile != "":
		return cred.BearerFile(config.BearerFile, now, log)
	case !config.Bearer.IsZero():
		return cred.Bearer(config.Bearer)
	}
	return cred.APIKey(config.APIKey)
}

// neverFollow keeps a credential from being carried to another address.
func neverFollow(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
