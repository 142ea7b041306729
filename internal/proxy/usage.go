package proxy

import (
	"net/http"

	"tollgate"
	"tollgate/internal/dialect/messages"
)

// showUsage tells callers where their own budgets stand.
func (p *Proxy) showUsage(w http.ResponseWriter, r *http.Request) {
	who, own, err := p.identify(p.snapshot.Load(), r.Header)
	if own != "" && err == nil {
		err = tollgate.Errorf(tollgate.NotFound, "how much of your own subscription is used is shown by /usage on claude.ai: this gateway does not know")
	}
	if err != nil {
		p.refuseOther(w, r, err)
		return
	}
	writeJSON(w, messages.UsageOf(p.Budgets.Of(who)))
}
