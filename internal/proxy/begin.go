package proxy

import (
	"net/http"

	"tollgate"
	"tollgate/internal/dialect/messages"
)

// begin opens the record of a request with what its headers say. Header names
// are in the canonical form that net/http gives them.
func (p *Proxy) begin(r *http.Request, asked *knock) *tollgate.Exchange {
	now := p.Now()
	told := func(name string) string {
		if lines := r.Header[name]; len(lines) > 0 {
			return messages.Attribute(lines[0])
		}
		return ""
	}
	return &tollgate.Exchange{
		ID:           tollgate.NewRequestID(now),
		Time:         now.UTC(),
		Address:      p.snapshot.Load().clientAddress(r),
		Door:         asked.door.name,
		Operation:    asked.operation,
		Session:      told("X-Claude-Code-Session-Id"),
		Agent:        told("X-Claude-Code-Agent-Id"),
		ParentAgent:  told("X-Claude-Code-Parent-Agent-Id"),
		RequestClass: told("X-Claude-Code-Request-Class"),
		Prompt:       told("X-Claude-Code-Prompt-Id"),
		Client:       told("User-Agent"),
		Project:      told("X-Tollgate-Project"),
		Trace:        p.Trace(r.Header),
	}
}
