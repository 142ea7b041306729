package limit

import (
	"time"

	"tollgate"
)

// who is what a principal's limits follow from.
type who struct{ key, developer, service, team string }

// caller is somebody who has asked lately, with the tallies of all limits that
// can apply. It spares every request the search for them.
type caller struct {
	who     who
	tallies []*tally
	loads   int           // how many there had been when the tallies were found
	at      time.Duration // of the last ask
}

// rest is how long somebody must not have asked before he is forgotten. Every
// bucket that is not in debt is full after it.
const rest = time.Minute

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
	before := c.tallies
	c.tallies, c.loads = nil, l.loads
	for _, scope := range scopes(p) {
		for _, rule := range l.byScope[scope] {
			t := rule.tally(p, l.clock.at)
			t.callers++
			c.tallies = append(c.tallies, t)
		}
	}
	release(before)
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

// release lets go of tallies; one that nobody points to any more is forgotten.
func release(tallies []*tally) {
	for _, t := range tallies {
		if t.callers--; t.callers == 0 && t.rule.limit.Each {
			delete(t.rule.members, t.member)
		}
	}
}

// sweep forgets callers of whom there is nothing to know. It looks at two for
// every new one, so that it has been round before their number doubles: there
// are never many more than have asked in the last minute or owe something.
func (l *Limiter) sweep() {
	for range 2 {
		last := len(l.round) - 1
		if l.hand--; l.hand < 0 || l.hand > last {
			l.hand = last
		}
		if last >= 0 && l.atRest(l.round[l.hand]) {
			gone := l.round[l.hand]
			delete(l.callers, gone.who)
			release(gone.tallies)
			l.round[l.hand], l.round[last] = l.round[last], nil
			l.round = l.round[:last]
		}
	}
}

// atRest says whether a caller can be forgotten: what he has for himself is as
// if he had never asked.
func (l *Limiter) atRest(c *caller) bool {
	if l.clock.at-c.at < rest {
		return false
	}
	for _, t := range c.tallies {
		if t.rule.limit.Each {
			if t.refill(l.clock.at); !t.idle() {
				return false
			}
		}
	}
	return true
}
