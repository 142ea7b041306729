package upstream

import (
	"net/http"

	"tollgate/internal/cred"
	"tollgate/internal/dialect/messages"
)

// anthropicProvider speaks the Messages API itself. Keys go into x-api-key,
// tokens into Authorization (providers.md 1.2, 2026-11-23).
func anthropicProvider() provider {
	return provider{
		dialect: messages.Dialect{},
		address: func(Config) string { return "https://api.anthropic.com" }, // providers.md 1, 2026-11-23
		takes:   []string{"api_key", "bearer", "bearer_file", "federation"},
		apiKey:  keyInHeader,
	}
}

func federationSigner(s signing) Signer {
	client := &http.Client{Transport: s.upstream.transport, CheckRedirect: neverFollow}
	return cred.NewFederation(cred.FederationConfig{
		TokenURL:       s.upstream.base.JoinPath("/v1/oauth/token").String(),
		Rule:           s.config.Federation.Rule,
		Organization:   s.config.Federation.Organization,
		ServiceAccount: s.config.Federation.ServiceAccount,
		Workspace:      s.config.Federation.Workspace,
		TokenFile:      s.config.Federation.TokenFile,
	}, client, s.now, s.log)
}

// neverFollow keeps a credential from being carried to another address.
func neverFollow(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
