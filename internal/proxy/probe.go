package proxy

import (
	"net/http"

	"tollgate"
	"tollgate/internal/dialect/messages"
	"tollgate/internal/jsonedit"
	"tollgate/internal/policy/budget"
)

// isProbe says whether a request is how Claude Code finds out, when it starts,
// how much of a budget is spent. It only asks so with a key that it takes for
// one of a gateway; with any other key the same words are a request.
func isProbe(x *tollgate.Exchange, body *jsonedit.Object) bool {
	return x.Style == tollgate.JWTKey && x.Credential == "" && x.Operation == tollgate.Messages && messages.IsQuotaProbe(body.Bytes())
}

// answerProbe answers a probe in the provider's place: nobody is billed for it,
// and no limit on rates is worn by it. It is refused like a request that costs
// next to nothing.
func (p *Proxy) answerProbe(w http.ResponseWriter, s *Snapshot, call tollgate.Call, body *jsonedit.Object, targets []tollgate.Target, x *tollgate.Exchange, granted *admission) (err error) {
	if err = s.allow(x, call, body, targets); err != nil {
		return err
	}
	ask := budget.Ask{ID: x.ID, Who: x.Principal, Model: tollgate.BareModel(call.Model), At: x.Time, Expected: 1, Most: 1}
	if granted.hold, err = p.Budgets.Admit(ask); err != nil {
		return err
	}
	granted.tell(w.Header(), http.StatusOK)
	x.Status = http.StatusOK
	messages.AnswerQuotaProbe(w, x.ID, x.Model)
	return nil
}
