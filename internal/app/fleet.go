package app

import (
	"errors"

	"tollgate"
	"tollgate/internal/config"
	"tollgate/internal/proxy"
	"tollgate/internal/route"
	"tollgate/internal/upstream/capability"
)

// fleet is what administrators ask about the configuration and the upstreams.
type fleet struct{ *App }

// Reload implements admin.Fleet.
func (f fleet) Reload() (tollgate.Reload, error) {
	if f.reread == nil {
		return tollgate.Reload{}, errNoFile
	}
	done, err := f.Reread(f.reread)
	if wrong, isMistake := errors.AsType[*config.Error](err); isMistake {
		return done, tollgate.Errorf(tollgate.Invalid, "nothing was changed: %v", wrong)
	}
	return done, err
}

var errNoFile = tollgate.Errorf(tollgate.Conflict, "this gateway was started without anything that it could read again")

// inForce is the configuration, and what was built from it.
func (f fleet) inForce() (*config.Config, *proxy.Snapshot) {
	f.reloading.Lock()
	defer f.reloading.Unlock()
	return f.config, f.snapshot
}

// Upstreams implements admin.Fleet.
func (f fleet) Upstreams() (states []tollgate.UpstreamState) {
	c, snapshot := f.inForce()
	for _, each := range c.Upstreams {
		built := snapshot.Upstreams[each.Name]
		states = append(states, tollgate.UpstreamState{
			Name: each.Name, Provider: each.Provider, Region: each.Region, Address: built.Address(), Credential: each.CredentialKind(),
			Models: modelsOf(snapshot, each.Name), Rules: rulesOf(built.Rules()), Rests: restsOf(f.traffic.Resting(), each.Name),
		})
	}
	return states
}

// AuditSinks implements admin.Fleet.
func (f fleet) AuditSinks() []tollgate.AuditSink { return f.sinks.States() }

// restsOf are the rests of one upstream.
func restsOf(all []route.Rest, name string) (rests []tollgate.UpstreamRest) {
	for _, rest := range all {
		if rest.Upstream == name {
			rests = append(rests, tollgate.UpstreamRest{Model: rest.Model, Until: rest.Until, Why: rest.Why})
		}
	}
	return rests
}

// modelsOf are the models that are routed to an upstream.
func modelsOf(snapshot *proxy.Snapshot, name string) (models []tollgate.UpstreamModel) {
	for _, model := range snapshot.Router.Models(nil) {
		targets, err := snapshot.Router.Route(model.ID)
		if err != nil {
			continue // it is listed and not routed
		}
		for _, target := range targets {
			if target.Upstream == name {
				models = append(models, tollgate.UpstreamModel{Model: model.ID, Name: target.Model})
			}
		}
	}
	return models
}

func rulesOf(rules []capability.Rule) (found []tollgate.UpstreamRule) {
	for _, each := range rules {
		source := each.Source
		if each.Date != "" {
			source += ", " + each.Date
		}
		found = append(found, tollgate.UpstreamRule{
			Feature: each.Feature, Verdict: each.Verdict, Models: each.Models, Source: source, Evidence: each.Evidence, Learned: each.Learned,
		})
	}
	return found
}
