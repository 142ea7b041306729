package proxy

import "time"

// SetStalledBound says how long a client may accept nothing.
func (p *Proxy) SetStalledBound(bound time.Duration) { p.stalledBound = bound }
