package proxy

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strconv"

	"tollgate"
	"tollgate/internal/dialect"
	"tollgate/internal/jsonedit"
	"tollgate/internal/upstream"
	"tollgate/internal/upstream/explain"
)

// translateFault makes of an error what the client may see, in its own dialect.
// The errors of the Messages API pass to its clients as they are, since they
// match on the words; so do those of a provider that the client takes the
// gateway for, but for what they tell of the operator's account.
func (p *Proxy) translateFault(from *answer, x *tollgate.Exchange) {
	if from.StatusCode < http.StatusBadRequest || from.to.PlainErrors() && from.call.Dialect == dialect.Messages {
		return
	}
	_ = from.putAside() // as much of it as came
	body, _ := io.ReadAll(from.Body)
	said := p.explain(from, body, x)
	if said.Final {
		from.Header.Set("X-Should-Retry", "false")
	}
	said.Fault.RequestID = x.ID
	told := explain.Mask(from.to.Hide(body))
	said.Fault.Message, said.Fault.Details = string(from.to.Hide([]byte(said.Fault.Message))), from.to.Hide(said.Fault.Details)
	if !from.familiar() {
		if said.Fault.Status == http.StatusForbidden && triesForbiddenAgain[x.Door] {
			said.Fault.Status = http.StatusNotFound
		}
		from.StatusCode, x.Status = said.Fault.Status, said.Fault.Status
		from.Header.Del("Content-Encoding") // of what it said itself
		told = dialectOf(x.Door).Fault(from.Header, said.Fault)
	}
	from.Body = io.NopCloser(bytes.NewReader(told))
	from.Header.Set("Content-Length", strconv.Itoa(len(told)))
}

func (p *Proxy) explain(from *answer, body []byte, x *tollgate.Exchange) explain.Explanation {
	if from.to.PlainErrors() {
		return explain.Explanation{Fault: readFault(from.StatusCode, body)}
	}
	said := from.to.Explain(x.Operation, from.StatusCode, from.Header, body)
	p.Log.Warn("a provider answered with an error", "request", x.ID, "upstream", x.Upstream, "status", from.StatusCode, "cause", said.Cause)
	return said
}

// readFault reads the envelope of the Messages API.
func readFault(status int, body []byte) dialect.Fault {
	detail, _ := jsonedit.Find(body, "error")
	fault := dialect.Fault{Status: status, Type: failureType(body), Message: messageOf(body)}
	if details, ok := jsonedit.Find(detail.Value, "details"); ok && json.Valid(details.Value) {
		fault.Details = details.Value
	}
	return fault
}

// familiar says whether the client takes the gateway for the upstream's
// provider, and so knows what that has to say.
func (a *answer) familiar() bool {
	return a.call.Door == a.to.Provider || a.to.PlainErrors() && a.call.Dialect == dialect.Messages
}

// passHeaders copies the headers of the answer. Those of a provider that the
// client knows nothing of stay here, but for what every client reads.
func (a *answer) passHeaders(to http.Header) {
	if a.familiar() {
		passHeaders(to, a.Header)
		return
	}
	for _, name := range []string{"Content-Type", "Content-Length", "Content-Encoding", "Retry-After", "Retry-After-Ms", "X-Should-Retry", "Date"} {
		if lines, named := a.Header[name]; named {
			to[name] = lines
		}
	}
	id := upstream.RequestID(a.Header)
	if id != "" {
		to["Request-Id"] = []string{id}
	}
	if a.call.Dialect == dialect.Bedrock { // what AWS's own SDKs read
		if lines, named := a.Header["X-Amzn-Errortype"]; named {
			to["X-Amzn-Errortype"] = lines
		}
		if id != "" {
			to["X-Amzn-Requestid"] = []string{id}
		}
	}
	if _, named := to["Content-Type"]; !named {
		to["Content-Type"] = nil // or net/http would guess one
	}
}
