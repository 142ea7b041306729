package meter

import (
	"encoding/json"
	"errors"
	"strings"

	"tollgate"
	"tollgate/internal/jsonedit"
)

// wireUsage is the usage object as the provider writes it, of which later
// ones are merged into the first. Source: providers.md 1.7, 2026-11-23.
type wireUsage struct {
	wireTokens
	Details struct {
		Thinking int64 `json:"thinking_tokens"`
	} `json:"output_tokens_details"`
	ServerTools struct {
		WebSearches int64 `json:"web_search_requests"`
	} `json:"server_tool_use"`
	ServiceTier string          `json:"service_tier"`
	Geo         string          `json:"inference_geo"`
	Speed       string          `json:"speed"`
	Iterations  []wireIteration `json:"iterations"`
}

type wireTokens struct {
	Input      int64 `json:"input_tokens"`
	CacheWrite int64 `json:"cache_creation_input_tokens"`
	CacheSplit struct {
		FiveMinutes int64 `json:"ephemeral_5m_input_tokens"`
		OneHour     int64 `json:"ephemeral_1h_input_tokens"`
	} `json:"cache_creation"`
	CacheRead int64 `json:"cache_read_input_tokens"`
	Output    int64 `json:"output_tokens"`
}

type wireIteration struct {
	Type  string `json:"type"`
	Model string `json:"model"`
	wireTokens
}

// merge reads a usage object over the one there is. Figures are cumulative:
// the last one wins, and absent and null members leave what was said before.
// A member of a wrong type is passed over. It says whether raw is an object at
// all.
func (u *wireUsage) merge(raw []byte) bool {
	if len(raw) == 0 || raw[0] != '{' {
		return false
	}
	before := u.Iterations
	u.Iterations = nil // or else the decoder would mix old entries into new ones
	err := json.Unmarshal(raw, u)
	if u.Iterations == nil {
		u.Iterations = before
	}
	_, wrongType := errors.AsType[*json.UnmarshalTypeError](err)
	return err == nil || wrongType
}

// into writes the merged usage into a reading.
func (u *wireUsage) into(r *Reading) {
	r.Thought = plausible(u.Details.Thinking)
	r.Usage = tollgate.Usage{
		Tokens:      u.tokens(),
		WebSearches: plausible(u.ServerTools.WebSearches),
		Speed:       clip(u.Speed),
		Geo:         clip(u.Geo),
		ServiceTier: clip(u.ServiceTier),
	}
	for _, hop := range u.Iterations {
		r.Usage.Iterations = append(r.Usage.Iterations, tollgate.Iteration{
			Type: clip(hop.Type), Model: clip(hop.Model), Tokens: hop.tokens(),
		})
	}
}

// tokens sorts the figures into classes of one price. Later usage objects have
// the sum of all cache writes only, so what the last known split does not
// account for is taken for the five-minute cache.
func (w wireTokens) tokens() tollgate.Tokens {
	oneHour := plausible(w.CacheSplit.OneHour)
	return tollgate.Tokens{
		Input:        plausible(w.Input),
		CacheWrite5m: max(plausible(w.CacheSplit.FiveMinutes), plausible(w.CacheWrite)-oneHour),
		CacheWrite1h: oneHour,
		CacheRead:    plausible(w.CacheRead),
		Output:       plausible(w.Output),
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
