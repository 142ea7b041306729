package simulator

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// model is an entry of the models list. Source: prices.json, 2026-11-23.
type model struct {
	id, display, created string
	context, output      int64
}

var catalogue = []model{
	{"claude-fable-5-2", "Claude Fable 5.2", "2026-11-09T00:00:00Z", 1_000_000, 128_000},
	{"claude-haiku-5-5", "Claude Haiku 5.5", "2026-10-07T00:00:00Z", 1_000_000, 128_000},
	{"claude-sonnet-5-5", "Claude Sonnet 5.5", "2026-09-28T00:00:00Z", 1_000_000, 128_000},
	{"claude-opus-5-5", "Claude Opus 5.5", "2026-09-22T00:00:00Z", 1_000_000, 128_000},
	{"claude-fable-5-1", "Claude Fable 5.1", "2026-09-01T00:00:00Z", 1_000_000, 128_000},
	{"claude-opus-5", "Claude Opus 5", "2026-07-24T00:00:00Z", 1_000_000, 128_000},
	{"claude-sonnet-5", "Claude Sonnet 5", "2026-06-30T00:00:00Z", 1_000_000, 128_000},
	{"claude-opus-4-8", "Claude Opus 4.8", "2026-05-28T00:00:00Z", 1_000_000, 128_000},
	{"claude-sonnet-4-6", "Claude Sonnet 4.6", "2026-02-17T00:00:00Z", 1_000_000, 128_000},
	{"claude-opus-4-6", "Claude Opus 4.6", "2026-02-05T00:00:00Z", 1_000_000, 128_000},
	{"claude-opus-4-5-20251101", "Claude Opus 4.5", "2025-11-01T00:00:00Z", 200_000, 64_000},
	{"claude-haiku-4-5-20251001", "Claude Haiku 4.5", "2025-10-01T00:00:00Z", 200_000, 64_000},
	{"claude-sonnet-4-5-20250929", "Claude Sonnet 4.5", "2025-09-29T00:00:00Z", 200_000, 64_000},
}

// aliases are the dateless names of models that have dated ids.
var aliases = map[string]string{
	"claude-opus-4-5":   "claude-opus-4-5-20251101",
	"claude-haiku-4-5":  "claude-haiku-4-5-20251001",
	"claude-sonnet-4-5": "claude-sonnet-4-5-20250929",
}

// modelID is the id under which a model answers. Any name that begins with
// "claude-" is a model here, so that one can practise with models to come.
func modelID(name string) (id string, ok bool) {
	if dated, ok := aliases[name]; ok {
		return dated, true
	}
	return name, strings.HasPrefix(name, "claude-")
}

func (m model) object() object {
	return object{
		"type", "model", "id", m.id, "display_name", m.display, "created_at", m.created,
		"max_input_tokens", m.context, "max_tokens", m.output,
	}
}

func (s *Simulator) showModel(v *visit) {
	v.operation = Models
	if s.misbehaved(v, nil) {
		return
	}
	id, _ := modelID(v.request.PathValue("id"))
	at := slices.IndexFunc(catalogue, func(m model) bool { return m.id == id })
	if at < 0 {
		v.error(http.StatusNotFound, "model: the simulated provider lists no such model.")
		return
	}
	v.json(http.StatusOK, catalogue[at].object())
}

// listModels pages through the catalogue, newest first.
func (s *Simulator) listModels(v *visit) {
	v.operation = Models
	if s.misbehaved(v, nil) {
		return
	}
	query := v.request.URL.Query()
	limit, err := strconv.Atoi(query.Get("limit"))
	if query.Get("limit") == "" {
		limit, err = 20, nil
	}
	if err != nil || limit < 1 || limit > 1000 {
		v.error(http.StatusBadRequest, "limit: a number from 1 to 1000 is needed.")
		return
	}
	after := slices.IndexFunc(catalogue, func(m model) bool { return m.id == query.Get("after_id") })
	v.json(http.StatusOK, page(catalogue[after+1:], limit))
}

func page(models []model, limit int) object {
	more := len(models) > limit
	models = models[:min(limit, len(models))]
	data := make([]object, len(models))
	for i, one := range models {
		data[i] = one.object()
	}
	var first, last any
	if len(models) > 0 {
		first, last = models[0].id, models[len(models)-1].id
	}
	return object{"data", data, "has_more", more, "first_id", first, "last_id", last}
}
