package limit

import (
	"time"

	"tollgate"
)

// who is what a principal's limits follow from.
type who struct{ key, developer, service, team string }

// caller is somebody who has asked lately, with a stake in every limit that can
// apply. It spares every request the search for them.
type caller struct {
	who    who
	stakes []stake
	loads  int           // how many there had been when the stakes were found
	at     time.Duration // of the last ask
}

// stake is a caller's part in a limit.
type stake struct {
	tally  *tally
	models []string // as in the limit
}

// concerns says whether the limit is about requests for a model.
func (s *stake) concerns(model string) bool {
	for _, glob := range s.models {
		if tollgate.MatchModel(glob, model) {
			return true
		}
	}
	return len(s.models) == 0
}

// caller is the one known for a principal, or a new one.
func (l *Limiter) caller(p *tollgate.Principal) *caller {
	name := who{p.Key, p.Developer, p.Service, p.Team}
	c, known := l.callers[name]
	if !known {
		l.sweep()
		c = &caller{who: name}
		l.callers[name] = c
		l.round = append(l.round, c)
	}
	if !known || c.loads != l.loads {
		l.find(c, p)
	}
	c.at = l.clock.at
	return c
}

// find looks up what applies to a caller. What applied before is let go last,
// so that what still applies is not forgotten in between.
func (l *Limiter) find(c *caller, p *tollgate.Principal) {
	before := c.stakes
	c.stakes, c.loads = nil, l.loads
	for _, scope := range scopes(p) {
		for _, rule := range l.byScope[scope] {
			t := rule.tally(p, l.clock.at)
			t.callers++
			c.stakes = append(c.stakes, stake{t, rule.limit.Models})
		}
	}
	leave(before)
}

// scopes are those that a principal can be in. Where it has no name, there are
// no limits.
func scopes(p *tollgate.Principal) [5]tollgate.Scope {
	return [...]tollgate.Scope{
		{Kind: tollgate.ScopeOrg},
		{Kind: tollgate.ScopeTeam, Name: p.Team},
		{Kind: tollgate.ScopeDeveloper, Name: p.Developer},
		{Kind: tollgate.ScopeService, Name: p.Service},
		{Kind: tollgate.ScopeKey, Name: p.Key},
	}
}

// leave lets go of tallies. One that nobody points to any more is forgotten.
func leave(stakes []stake) {
	for _, s := range stakes {
		t := s.tally
		if t.callers--; t.callers == 0 && t.rule.limit.Each {
			delete(t.rule.members, t.member)
		}
	}
}
