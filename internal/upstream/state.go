package upstream

import (
	"cmp"
	"strings"

	"tollgate/internal/upstream/capability"
)

// Address is where its requests go, up to their own path.
func (u *Upstream) Address() string { return u.base.Redacted() }

// Rules are what it accepts and does not, as far as that is known; none where it
// gets what the client sent.
func (u *Upstream) Rules() []capability.Rule {
	if u.accepts == nil {
		return nil
	}
	return u.accepts.Rules()
}

// CredentialKind says how the upstream is told who the gateway is: by which
// member of the configuration.
func (c Config) CredentialKind() string {
	return cmp.Or(strings.Join(c.credentials(), " "), "the machine's own")
}
