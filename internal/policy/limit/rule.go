package limit

import (
	"time"

	"tollgate"
)

// rule is a limit with what is used of it. It stays the same one while its id
// stays.
type rule struct {
	perMinute  amounts
	concurrent int64
	models     []string

	shared  tally
	members map[tollgate.Scope]*tally // instead of shared, where each has the figures for itself
	limit   tollgate.Limit
}

// newRule is a rule for a limit of which nothing is used.
func newRule(limit tollgate.Limit) *rule {
	r := &rule{}
	r.shared.rule = r
	if limit.Each {
		r.members = map[tollgate.Scope]*tally{}
	}
	r.set(limit)
	return r
}

// set changes the figures. Everything has been refilled by those before.
func (r *rule) set(limit tollgate.Limit) {
	r.limit, r.perMinute, r.concurrent, r.models = limit, perMinute(&limit), limit.Concurrent, limit.Models
}

// about says whether the rule is about requests for a model.
func (r *rule) about(model string) bool {
	for _, glob := range r.models {
		if tollgate.MatchModel(glob, model) {
			return true
		}
	}
	return len(r.models) == 0
}

// tally is that of the principal, or the shared one. A new one is full.
func (r *rule) tally(p *tollgate.Principal, now time.Duration) *tally {
	if !r.limit.Each {
		return &r.shared
	}
	member := r.limit.Scope.Member(*p)
	known, ok := r.members[member]
	if !ok {
		known = &tally{rule: r, member: member, at: now}
		r.members[member] = known
	}
	return known
}
