package limit

import (
	"time"

	"tollgate"
)

// rule is a limit with what is used of it. It stays the same one while its id
// stays.
type rule struct {
	limit   tollgate.Limit
	shared  tally
	members map[tollgate.Scope]*tally // instead of shared, where each has the figures for itself
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

// set changes the figures, by which everything has been refilled up to now.
func (r *rule) set(limit tollgate.Limit) {
	r.limit = limit
	r.shared.set(&limit)
	for _, t := range r.members {
		t.set(&limit)
	}
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
		known.set(&r.limit)
		r.members[member] = known
	}
	return known
}
