package upstream

import (
	"net/http"
	"slices"
	"strings"

	"tollgate"
	"tollgate/internal/dialect"
	"tollgate/internal/dialect/bedrock"
	"tollgate/internal/jsonedit"
)

// Outgoing is a call as one upstream wants it. It may be sent once.
type Outgoing struct {
	Body    jsonedit.Made
	Edited  bool     // Body is not, byte for byte, what came
	Model   string   // as the upstream is asked for it
	Splices []string // every change between what came and what leaves, one sentence each

	own         string // the developer's own credential; empty: the upstream's is put on
	path, query string
	header      http.Header
}

// Prepare writes a call in the upstream's dialect, for the model that it knows
// by this name. Where the client takes the gateway for this very provider,
// nothing but the model's name is touched. The error is a refusal: the upstream
// cannot serve a call like this.
func (u *Upstream) Prepare(call tollgate.Call, body *jsonedit.Object, model string) (Outgoing, error) {
	out := Outgoing{Model: u.spelling(call, model), own: call.Own, header: u.outgoing(call.Header)}
	u.leaveOut(out.header, call)
	if call.Operation == tollgate.CountTokens && call.Dialect == dialect.Bedrock && u.dialect.Name() != dialect.Bedrock {
		inner, err := bedrock.UnwrapCount(body.Bytes())
		if err != nil {
			return Outgoing{}, err
		}
		body, out.Edited = jsonedit.Open(inner), true
		out.Splices = append(out.Splices, "body: taken out of the document that it was put in")
	}
	edits := body.Edit()
	if u.accepts != nil && !u.speaksTo(call) {
		betas, splices, err := u.accepts.Fit(edits, call, out.Model)
		if err != nil {
			return Outgoing{}, err
		}
		call.Betas, out.Splices = betas, append(out.Splices, splices...)
	}
	envelope := u.dialect.Address(call, out.Model)
	if !u.takesAsIs(call, out.Model) {
		for _, changed := range edits.Set(0, body.Bytes(), envelope.Members...) {
			out.Splices = append(out.Splices, describe(changed, envelope.Members))
		}
	}
	out.path, out.Body = envelope.Path, edits.Make()
	out.Edited = out.Edited || edits.Changed()
	if envelope.Wrap != nil {
		out.Body, out.Edited = jsonedit.Edit(envelope.Wrap(edits.Bytes())).Make(), true
		out.Splices = append(out.Splices, "body: put inside the document that the provider takes it in")
	}
	if call.Dialect == u.dialect.Name() {
		out.query = passing(call.RawQuery)
	}
	if u.speaksTo(call) {
		return out, nil
	}
	setLines(out.header, "Anthropic-Beta", envelope.BetasInHeader, call.Betas)
	if call.Dialect == u.dialect.Name() {
		return out, nil
	}
	setLines(out.header, "Anthropic-Version", envelope.VersionInHeader, []string{call.Version})
	return out, nil
}

// takesAsIs says whether the envelope is the one that came, which spares a walk
// through the body: it is in the Messages API's dialect, and names the model once
// and as it is to be named.
func (u *Upstream) takesAsIs(call tollgate.Call, model string) bool {
	return call.Dialect == dialect.Messages && u.dialect.Name() == dialect.Messages && call.Spelled == model
}

// speaksTo says whether the client takes the gateway for this provider, and so
// sends what that accepts, in its dialect.
func (u *Upstream) speaksTo(call tollgate.Call) bool { return call.Door == u.Provider }

// foreign are families of headers that mean something to one cloud alone.
var foreign = []string{"X-Amzn-", "X-Vertex-", "X-Ms-"}

// priced are headers that change what a request costs, and are in no price list.
var priced = []string{"X-Amzn-Bedrock-Service-Tier", "X-Amzn-Bedrock-Performanceconfig-Latency", "X-Vertex-Ai-Llm-Request-Type", "X-Vertex-Ai-Llm-Shared-Request-Type"}

// leaveOut takes away what a client says to the provider that it takes the
// gateway for, where that is another one, and what would cost more than the
// gateway knows of.
func (u *Upstream) leaveOut(header http.Header, call tollgate.Call) {
	for name := range header {
		isForeign := slices.ContainsFunc(foreign, func(family string) bool { return strings.HasPrefix(name, family) })
		if isForeign && !u.speaksTo(call) || slices.Contains(priced, name) {
			delete(header, name)
		}
	}
	if u.Provider != "anthropic" && len(u.headers[workspaceHeader]) == 0 {
		delete(header, workspaceHeader)
	}
}

const workspaceHeader = "Anthropic-Workspace-Id"

// spelling is the model's name as it is asked for. A client that takes the
// gateway for this provider has spelled it in its own way, which counts if that
// names the profile that is configured: where data may go is the operator's to
// say. So is what the name of a resource stands for, which cannot be seen.
func (u *Upstream) spelling(call tollgate.Call, model string) string {
	if !u.speaksTo(call) || strings.Contains(call.Spelled, "/") {
		return model
	}
	asked, ours := tollgate.ParseModel(call.Spelled), tollgate.ParseModel(model)
	if asked == ours {
		return call.Spelled
	}
	return model
}

// setLines makes a header what it is to be. One that says that already is left
// as it was written.
func setLines(header http.Header, name string, sent bool, values []string) {
	values = slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == "" })
	switch {
	case !sent || len(values) == 0:
		delete(header, name)
	case !slices.Equal(Values(header[name]), values):
		header[name] = []string{strings.Join(values, ",")}
	}
}

// Values are those of a header that is a list, each once and in the order in
// which they came.
func Values(lines []string) (values []string) {
	for _, line := range lines {
		for value := range strings.SplitSeq(line, ",") {
			if value = strings.TrimSpace(value); value != "" && !slices.Contains(values, value) {
				values = append(values, value)
			}
		}
	}
	return values
}

// describe is how a change of the envelope is recorded.
func describe(before jsonedit.Setting, now []jsonedit.Setting) string {
	at := slices.IndexFunc(now, func(s jsonedit.Setting) bool { return s.Name == before.Name })
	switch after := now[at].Value; {
	case after == nil:
		return before.Name + ": " + string(before.Value) + " removed"
	case before.Value == nil:
		return before.Name + ": " + string(after) + " added"
	default:
		return before.Name + ": " + string(before.Value) + " → " + string(after)
	}
}

// ModelName is what the upstream calls a model, unless it is told otherwise.
func (u *Upstream) ModelName(model string) string {
	if u.names == nil {
		return model
	}
	return u.names(model)
}
