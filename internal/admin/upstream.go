package admin

import (
	"context"
	"net/http"

	"tollgate"
	"tollgate/api"
)

// Upstreams are all that are configured, in order.
func (s *Service) Upstreams(caller Caller) ([]tollgate.UpstreamState, error) {
	if err := s.authorize(caller, readUpstream); err != nil {
		return nil, err
	}
	return s.fleet.Upstreams(), nil
}

// CheckUpstream sends an upstream one small request, which the provider bills.
func (s *Service) CheckUpstream(ctx context.Context, caller Caller, name string) (tollgate.UpstreamCheck, error) {
	if err := s.authorize(caller, checkUpstream); err != nil {
		return tollgate.UpstreamCheck{}, err
	}
	found, err := s.fleet.CheckUpstream(ctx, name)
	if tollgate.IsKind(err, tollgate.NotFound) {
		return found, err
	}
	return found, s.recorded(ctx, caller, checkUpstream, name, err, "ok", found.OK(), "status", found.Status)
}

func (f *face) listUpstreams(r *http.Request, caller Caller) (any, error) {
	if _, err := query(r); err != nil {
		return nil, err
	}
	states, err := f.service.Upstreams(caller)
	return page(states, wireUpstream), err
}

func (f *face) checkUpstream(r *http.Request, caller Caller) (any, error) {
	found, err := f.service.CheckUpstream(r.Context(), caller, r.PathValue("name"))
	return wireUpstreamCheck(found), err
}

func wireUpstream(state tollgate.UpstreamState) api.Upstream {
	return api.Upstream{
		Name: state.Name, Provider: state.Provider, Region: optional(state.Region), Address: state.Address, Credential: state.Credential,
		Models: each(state.Models, func(m tollgate.UpstreamModel) api.UpstreamModel {
			return api.UpstreamModel{Model: m.Model, Name: m.Name}
		}),
		Rests: each(state.Rests, func(r tollgate.UpstreamRest) api.UpstreamRest {
			return api.UpstreamRest{Model: optional(r.Model), Until: r.Until, Why: r.Why}
		}),
		Rules: each(state.Rules, wireUpstreamRule),
	}
}

func wireUpstreamRule(r tollgate.UpstreamRule) api.UpstreamRule {
	return api.UpstreamRule{
		Feature: r.Feature, Verdict: r.Verdict, Models: list(r.Models), Source: r.Source,
		Evidence: optional(r.Evidence), Learned: optional(r.Learned),
	}
}

func wireUpstreamCheck(c tollgate.UpstreamCheck) api.UpstreamCheck {
	return api.UpstreamCheck{
		Upstream: c.Upstream, OK: c.OK(), Model: optional(c.Model), Name: optional(c.Name),
		Reachable: c.Reachable, Accepted: c.Accepted, Served: c.Served,
		Status: optional(c.Status), LatencyMS: c.Latency.Milliseconds(), Remedy: optional(c.Remedy), Said: optional(c.Said),
	}
}
