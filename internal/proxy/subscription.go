package proxy

import (
	"net/http"
	"slices"

	"tollgate"
	"tollgate/internal/identity"
)

// The sentences for whoever comes with a subscription.
var (
	errNoSubscriptions = tollgate.Errorf(tollgate.Unauthenticated,
		"this gateway takes gateway keys, and a claude.ai login was sent; set ANTHROPIC_AUTH_TOKEN to the key you were given (it begins with tgk_), or ask your administrator to pass subscriptions through")
	errKeyBeside = tollgate.Errorf(tollgate.Unauthenticated,
		"this gateway passes a claude.ai login through only beside a gateway key; put yours into ANTHROPIC_CUSTOM_HEADERS as x-tollgate-key: tgk_…")
	errNowhere = tollgate.Errorf(tollgate.NotFound,
		"this model is not served by Anthropic itself here, and a claude.ai login is good nowhere else; choose another model with /model, or use a gateway key")
)

// identify finds who asks, and with whose credential it is to be sent: own is the
// developer's, empty for the gateway's.
func (p *Proxy) identify(s *Snapshot, header http.Header) (who tollgate.Principal, own string, err error) {
	own = identity.Subscription(header)
	if own == "" {
		who, err = p.Identity.Identify(header)
		return who, "", err
	}
	if !s.Subscriptions.Passthrough {
		_, _ = p.Identity.Identify(header) // which counts it
		return who, "", errNoSubscriptions
	}
	who = tollgate.Principal{Service: tollgate.Subscription}
	if key := header[identity.KeyBeside]; len(key) > 0 || s.Subscriptions.RequireKey {
		if who, err = p.Identity.Identify(http.Header{"X-Api-Key": key}); err != nil && len(key) == 0 {
			err = errKeyBeside
		}
	}
	who.Credential = tollgate.Subscription
	return who, own, err
}

// ofAnthropic are the targets that a subscription is good at: the first of those of
// Anthropic's own API, since it is the same account at each of them.
func (s *Snapshot) ofAnthropic(targets []tollgate.Target) ([]tollgate.Target, error) {
	at := slices.IndexFunc(targets, func(to tollgate.Target) bool { return s.Upstreams[to.Upstream].Provider == "anthropic" })
	if at < 0 {
		return nil, errNowhere
	}
	return targets[at : at+1], nil
}
