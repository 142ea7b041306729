package meter

import (
	"encoding/json"
	"strconv"
	"strings"

	"tollgate"
	"tollgate/internal/jsonedit"
)

// wireUsage is the usage object as the provider writes it, of which later
// ones are merged into the first. Source: providers.md 1.7, 2026-11-23.
type wireUsage struct {
	wireTokens
	thinking    int64
	webSearches int64
	serviceTier string
	geo         string
	speed       string
	iterations  []wireIteration
}

type wireTokens struct {
	input, cacheWrite, fiveMinutes, oneHour, cacheRead, output int64

	odd bool // some figure was not a whole number
}

type wireIteration struct {
	kind, model string
	wireTokens
}

// merge reads a usage object over the one there is. Figures are cumulative:
// the last one wins, and absent and null members leave what was said before.
// A member of a wrong type is passed over. It says whether raw is an object at
// all.
func (u *wireUsage) merge(raw []byte) bool {
	for member, err := range jsonedit.Members(raw) {
		switch {
		case err != nil:
			return false
		case u.wireTokens.hear(member):
		case member.Is("output_tokens_details"):
			u.inside(member.Value, "thinking_tokens", &u.thinking)
		case member.Is("server_tool_use"):
			u.inside(member.Value, "web_search_requests", &u.webSearches)
		case member.Is("service_tier"):
			word(member.Value, &u.serviceTier)
		case member.Is("inference_geo"):
			word(member.Value, &u.geo)
		case member.Is("speed"):
			word(member.Value, &u.speed)
		case member.Is("iterations"):
			u.hearIterations(member.Value)
		}
	}
	return true
}

// hear takes a member that counts tokens of a class; false for any other.
func (w *wireTokens) hear(member jsonedit.Member) bool {
	switch {
	case member.Is("input_tokens"):
		w.number(member.Value, &w.input)
	case member.Is("output_tokens"):
		w.number(member.Value, &w.output)
	case member.Is("cache_read_input_tokens"):
		w.number(member.Value, &w.cacheRead)
	case member.Is("cache_creation_input_tokens"):
		w.number(member.Value, &w.cacheWrite)
	case member.Is("cache_creation"):
		w.inside(member.Value, "ephemeral_5m_input_tokens", &w.fiveMinutes)
		w.inside(member.Value, "ephemeral_1h_input_tokens", &w.oneHour)
	default:
		return false
	}
	return true
}

// hearIterations replaces the list, which is cumulative too.
func (u *wireUsage) hearIterations(list []byte) {
	var raw []json.RawMessage
	if json.Unmarshal(list, &raw) != nil || raw == nil {
		return
	}
	u.iterations = u.iterations[:0]
	for _, object := range raw {
		var hop wireIteration
		for member, err := range jsonedit.Members(object) {
			switch {
			case err != nil || hop.hear(member):
			case member.Is("type"):
				word(member.Value, &hop.kind)
			case member.Is("model"):
				word(member.Value, &hop.model)
			}
		}
		u.iterations = append(u.iterations, hop)
	}
}

// number reads a whole number over the one there is. null leaves it; so does
// anything else, which is remembered as odd.
func (w *wireTokens) number(value []byte, into *int64) {
	n, err := strconv.ParseInt(string(value), 10, 64)
	switch {
	case err == nil:
		*into = n
	case string(value) != "null":
		w.odd = true
	}
}

// inside reads a number that is a member of an object.
func (w *wireTokens) inside(object []byte, member string, into *int64) {
	if found, ok := jsonedit.Find(object, member); ok {
		w.number(found.Value, into)
	}
}

// word reads a short text over the one there is; anything else leaves it.
func word(value []byte, into *string) {
	if text, ok := jsonedit.Text(value); ok {
		*into = clip(text)
	}
}

// into writes the merged usage into a reading.
func (u *wireUsage) into(r *Reading) {
	r.Thought = plausible(u.thinking)
	r.Odd = u.odd
	r.Usage = tollgate.Usage{
		Tokens:      u.tokens(),
		WebSearches: plausible(u.webSearches),
		Speed:       u.speed,
		Geo:         u.geo,
		ServiceTier: u.serviceTier,
	}
	for _, hop := range u.iterations {
		r.Odd = r.Odd || hop.odd
		r.Usage.Iterations = append(r.Usage.Iterations, tollgate.Iteration{Type: hop.kind, Model: hop.model, Tokens: hop.tokens()})
	}
}

// tokens sorts the figures into classes of one price. Later usage objects have
// the sum of all cache writes only, so what the last known split does not
// account for is taken for the five-minute cache.
func (w wireTokens) tokens() tollgate.Tokens {
	oneHour := plausible(w.oneHour)
	return tollgate.Tokens{
		Input:        plausible(w.input),
		CacheWrite5m: max(plausible(w.fiveMinutes), plausible(w.cacheWrite)-oneHour),
		CacheWrite1h: oneHour,
		CacheRead:    plausible(w.cacheRead),
		Output:       plausible(w.output),
	}
}

// plausible keeps a figure between nothing and a million million, so that sums
// of them fit.
func plausible(n int64) int64 { return min(max(n, 0), 1_000_000_000_000) }

// textOf is a member of an object that is a short text, "" if there is none.
func textOf(object []byte, member string) string {
	found, _ := jsonedit.Find(object, member)
	return name(found.Value)
}

// name decodes a value that is a short text, "" if it is none.
func name(value []byte) string {
	text, _ := jsonedit.Text(value)
	return clip(text)
}

// fault is the type of an error object. Its message is left out: it may quote
// the conversation, and what is heard here ends in a record.
func fault(object []byte) string { return textOf(object, "type") }

// maxText bounds every text that is taken from an answer into a record.
const maxText = 500

// clip cuts a text to the bound, copies what it keeps and leaves only valid
// UTF-8.
func clip(text string) string {
	if len(text) > maxText {
		text = strings.Clone(text[:maxText])
	}
	return strings.ToValidUTF8(text, "")
}
