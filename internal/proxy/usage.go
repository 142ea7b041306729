package proxy

import (
	"net/http"

	"tollgate/internal/dialect/messages"
)

// showUsage tells callers where their own budgets stand.
func (p *Proxy) showUsage(w http.ResponseWriter, r *http.Request) {
	who, err := p.Identity.Identify(r.Header)
	if err != nil {
		p.refuseOther(w, r, err)
		return
	}
	writeJSON(w, messages.UsageOf(p.Budgets.Of(who)))
}
