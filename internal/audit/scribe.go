package audit

import "tollgate"

// Scribe writes lines. It has no state and may be used by many goroutines.
type Scribe struct{}

// requestLine is about how long the line of a request is, in bytes.
const requestLine = 1 << 10

// Request is the line about a request. It is made of nothing but what the ledger
// keeps of it, and of the pseudonym of the developer.
func (Scribe) Request(head tollgate.AuditHead, x *tollgate.Exchange, person string) []byte {
	l := begin(requestLine, head, x.Time, tollgate.AuditedRequest)
	l.text("outcome", string(OutcomeOf(x)))
	l.open("request")
	l.text("id", x.ID)
	writeWho(l, x, person)
	writeRoute(l, x)
	writeUsage(l, x)
	writeEvidence(l, x)
	l.close()
	return l.end()
}

func writeWho(l *line, x *tollgate.Exchange, person string) {
	l.text("person", person)
	l.text("service", x.Service)
	l.text("team", x.Team)
	l.text("key", x.Key)
	l.text("session", x.Session)
	l.text("agent", x.Agent)
	l.text("parent_agent", x.ParentAgent)
	l.text("request_class", x.RequestClass)
	l.text("prompt", x.Prompt)
	l.text("client", x.Client)
	l.text("project", x.Project)
	l.text("device", x.Device)
	l.text("account", x.Account)
}

func writeRoute(l *line, x *tollgate.Exchange) {
	l.text("door", x.Door)
	l.text("operation", string(x.Operation))
	l.text("model", x.Model)
	l.text("upstream", x.Upstream)
	l.text("credential", x.Credential)
	l.text("upstream_model", x.UpstreamModel)
	l.text("served_model", x.ServedModel)
	l.text("upstream_request_id", x.UpstreamRequestID)
	l.text("moved_from", x.MovedFrom)
	l.number("moved_tokens", x.MovedTokens)
	l.yes("stream", x.Stream)
	l.number("status", int64(x.Status))
	l.text("stop_reason", x.StopReason)
	l.text("error", x.Error)
	l.yes("interrupted", x.Interrupted)
	l.number("first_byte_ns", int64(x.FirstByte))
	l.number("duration_ns", int64(x.Duration))
}

func writeUsage(l *line, x *tollgate.Exchange) {
	l.open("usage")
	writeTokens(l, x.Usage.Tokens)
	l.number("thinking_tokens", x.Thought)
	l.number("web_searches", x.Usage.WebSearches)
	l.text("speed", x.Usage.Speed)
	l.text("geo", x.Usage.Geo)
	l.text("service_tier", x.Usage.ServiceTier)
	l.objects("iterations", len(x.Usage.Iterations), func(i int) {
		l.text("type", x.Usage.Iterations[i].Type)
		l.text("model", x.Usage.Iterations[i].Model)
		writeTokens(l, x.Usage.Iterations[i].Tokens)
	})
	l.yes("estimated", x.Estimated)
	l.close()
	l.number("cost_nano_usd", int64(x.Cost))
}

func writeTokens(l *line, t tollgate.Tokens) {
	l.number("input_tokens", t.Input)
	l.number("cache_write_5m_tokens", t.CacheWrite5m)
	l.number("cache_write_1h_tokens", t.CacheWrite1h)
	l.number("cache_read_tokens", t.CacheRead)
	l.number("output_tokens", t.Output)
}

func writeEvidence(l *line, x *tollgate.Exchange) {
	l.text("request_digest", x.RequestDigest)
	l.number("request_bytes", x.RequestBytes)
	l.text("request_body", string(x.RequestBody))
	l.text("forwarded_digest", x.ForwardedDigest)
	l.texts("splices", x.Splices)
	l.text("response_digest", x.ResponseDigest)
	l.number("response_bytes", x.ResponseBytes)
	l.text("response_body", string(x.ResponseBody))
}

// Outcome is what became of a request.
type Outcome string

// The outcomes of requests.
const (
	Answered Outcome = "answered" // by a provider, with success
	Refused  Outcome = "refused"  // here: no provider has seen it
	Failed   Outcome = "failed"   // a provider has, or may have, seen it
)

// OutcomeOf says what became of a request.
func OutcomeOf(x *tollgate.Exchange) Outcome {
	switch {
	case x.Upstream == "" && x.Status >= 400:
		return Refused
	case x.Status >= 400 || x.Error != "":
		return Failed
	}
	return Answered
}

// eventLine is about how long the line of anything else is, in bytes.
const eventLine = 512

// Event is the line about anything else.
func (Scribe) Event(head tollgate.AuditHead, e tollgate.AuditEvent) []byte {
	l := begin(eventLine, head, e.Time, e.Action)
	l.text("id", e.ID)
	l.text("outcome", e.Outcome)
	l.text("actor", e.Actor)
	l.text("object", e.Object)
	l.raw("before", e.Before)
	l.raw("after", e.After)
	l.raw("about", e.About)
	return l.end()
}
