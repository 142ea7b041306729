package proxy

import (
	"tollgate"
	"tollgate/internal/route"
)

// route says where a call may go, in the order in which to try.
func (p *Proxy) route(s *Snapshot, call tollgate.Call, x *tollgate.Exchange) ([]tollgate.Target, error) {
	targets, err := s.Router.Route(call.Model)
	if err != nil {
		return nil, err
	}
	if x.Credential == tollgate.Subscription {
		return s.ofAnthropic(targets)
	}
	return p.Traffic.Order(targets, route.Asker{Session: x.Session, Key: x.Key, Model: call.Model}), nil
}
