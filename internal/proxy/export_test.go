package proxy

import (
	"context"
	"time"

	"tollgate"
)

// SetStalledBound says how long a client may accept nothing.
func (p *Proxy) SetStalledBound(bound time.Duration) { p.stalledBound = bound }

// Attend is the context of an exchange with the provider.
func (p *Proxy) Attend(client context.Context, call tollgate.Call) (context.Context, context.CancelFunc) {
	return p.attend(client, call)
}
