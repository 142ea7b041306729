// Package route decides where a request may go: from the model's name to an
// ordered list of targets. It knows names and globs, and nothing of what
// stands behind an upstream's name.
package route

import (
	"slices"
	"strings"

	"tollgate"
)

// everyClaude is the route in force when none is configured.
const everyClaude = "claude-*"

// Router is immutable; a reload builds another.
type Router struct {
	routes  []Route
	aliases map[string]map[string]string // model id → upstream → the name there
	models  []tollgate.Model
	naming  func(upstream, model string) string
}

// New builds a router from a validated configuration. upstreams are all the
// names there are, in order; naming says what an upstream calls a model where
// the configuration does not, nil that all use its own name; catalog is the models that are known to exist, to
// which the configuration adds its own and gives descriptions.
func New(config Config, upstreams []string, naming func(upstream, model string) string, catalog []tollgate.Model) *Router {
	if naming == nil {
		naming = func(_, model string) string { return model }
	}
	r := &Router{naming: naming, routes: config.Routes, aliases: map[string]map[string]string{}}
	if len(r.routes) == 0 {
		r.routes = []Route{{Models: []string{everyClaude}, Upstreams: upstreams}}
	}
	for _, model := range config.Models {
		r.aliases[tollgate.ParseModel(model.ID).String()] = model.UpstreamIDs
	}
	for _, model := range described(catalog, config.Models) {
		if r.find(model.ID) != nil {
			r.models = append(r.models, model)
		}
	}
	return r
}

// Route returns where requests for this model may go, the preferred one first.
// The error is NotFound.
func (r *Router) Route(model string) ([]tollgate.Target, error) {
	bare := tollgate.BareModel(model)
	route := r.find(bare)
	if route == nil {
		return nil, tollgate.Errorf(tollgate.NotFound,
			"model %q is not served by this gateway; run /model to pick another, or ask your administrator to add a route for it", clip(model))
	}
	targets := make([]tollgate.Target, len(route.Upstreams))
	for i, upstream := range route.Upstreams {
		name := r.naming(upstream, model)
		if configured := r.configured(model)[upstream]; configured != "" {
			name = configured
		}
		targets[i] = tollgate.Target{Upstream: upstream, Model: name, Weight: int(route.Weights[upstream])}
	}
	return targets, nil
}

// configured are the names that upstreams have for a model by configuration. A
// model that is configured without a date is that in all its snapshots.
func (r *Router) configured(model string) map[string]string {
	name := tollgate.ParseModel(model)
	if names, dated := r.aliases[name.String()]; dated {
		return names
	}
	return r.aliases[name.Base]
}

// Models lists what is served to a key with these globs (none: every routed
// model), for the client's picker. The slice must not be changed.
func (r *Router) Models(globs []string) []tollgate.Model {
	if len(globs) == 0 {
		return r.models
	}
	var allowed []tollgate.Model
	for _, model := range r.models {
		if matchAny(globs, model.ID) {
			allowed = append(allowed, model)
		}
	}
	return allowed
}

func (r *Router) find(model string) *Route {
	for i := range r.routes {
		if matchAny(r.routes[i].Models, model) {
			return &r.routes[i]
		}
	}
	return nil
}

func matchAny(globs []string, model string) bool {
	return slices.ContainsFunc(globs, func(glob string) bool { return tollgate.MatchModel(glob, model) })
}

// described lays the configuration's models over the catalogue.
func described(catalog []tollgate.Model, configured []Model) []tollgate.Model {
	models := slices.Clone(catalog)
	for _, model := range configured {
		at := slices.IndexFunc(models, func(m tollgate.Model) bool { return sameModel(m.ID, model.ID) })
		if at < 0 {
			at = len(models)
			models = append(models, tollgate.Model{ID: model.ID, DisplayName: model.ID})
		}
		if model.DisplayName != "" {
			models[at].DisplayName = model.DisplayName
		}
		if model.Description != "" {
			models[at].Description = model.Description
		}
	}
	return models
}

// sameModel says whether two ids are one entry in the list. A date that only
// one of them has does not set them apart.
func sameModel(a, b string) bool { return tollgate.MatchModel(a, b) || tollgate.MatchModel(b, a) }

// clip bounds a name that a stranger chose before it stands in a sentence.
func clip(name string) string {
	if len(name) > 100 {
		name = name[:100] + "…"
	}
	return strings.ToValidUTF8(name, "")
}
