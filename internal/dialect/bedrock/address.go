package bedrock

import (
	"encoding/json"
	"strings"

	"tollgate"
	"tollgate/internal/dialect"
	"tollgate/internal/jsonedit"
)

// version is the cloud's own name for the plain one.
const version = "bedrock-2023-05-31"

// Address implements dialect.Dialect.
func (Dialect) Address(call tollgate.Call, model string) dialect.Envelope {
	switch {
	case call.Operation == tollgate.CountTokens:
		return counting(call, model)
	case call.Stream:
		return dialect.Envelope{Path: "/model/" + dialect.Segment(model) + "/invoke-with-response-stream", Members: members(call)}
	}
	return dialect.Envelope{Path: "/model/" + dialect.Segment(model) + "/invoke", Members: members(call)}
}

// members are the envelope's. A client of this dialect has written them as they
// are to be.
func members(call tollgate.Call) []jsonedit.Setting {
	settings := []jsonedit.Setting{{Name: "model"}, {Name: "stream"}}
	if call.Dialect == dialect.Bedrock {
		return settings
	}
	betas := jsonedit.Setting{Name: "anthropic_beta"}
	if len(call.Betas) > 0 {
		betas.Value = quote(call.Betas)
	}
	return append(settings, jsonedit.Setting{Name: "anthropic_version", Value: quote(dialect.Version(call.Version, version))}, betas)
}

// counting is the envelope of CountTokens, which takes a whole body of
// InvokeModel inside its own, and no inference profile. A client of this dialect
// has put it there itself.
func counting(call tollgate.Call, model string) dialect.Envelope {
	envelope := dialect.Envelope{Path: "/model/" + dialect.Segment(foundation(model)) + "/count-tokens"}
	if call.Dialect == dialect.Bedrock {
		return envelope
	}
	envelope.Members, envelope.Wrap = members(call), wrapCount
	if call.MaxTokens == 0 {
		envelope.Members = append(envelope.Members, jsonedit.Setting{Name: "max_tokens", Value: []byte(countedMax)})
	}
	return envelope
}

// countedMax is what a body that is only counted says in the place of
// max_tokens, which InvokeModel demands: the most that every model from Claude 4
// on takes, and more than what Claude Code lets one think.
const countedMax = "32000"

// foundation is the name of a model without the profile that it is asked
// through.
func foundation(model string) string {
	last := model[strings.LastIndexByte(model, '/')+1:]
	if profile, name, found := strings.Cut(last, ".anthropic."); found && !strings.Contains(profile, ":") {
		return "anthropic." + name
	}
	return last
}

// quote is the JSON of strings, which always marshal.
func quote(of any) []byte {
	quoted, _ := json.Marshal(of)
	return quoted
}
