package limit

import (
	"slices"

	"tollgate"
)

// Load puts these limits in force, each with an id of its own, and no others.
// One that was there keeps what was used of it, measured against the figures it
// has now. Nobody changes what has been loaded.
func (l *Limiter) Load(limits []tollgate.Limit) {
	l.mu.Lock()
	defer l.mu.Unlock()
	before := l.byID
	l.settleAccounts()
	l.byScope, l.byID = map[tollgate.Scope][]*rule{}, map[string]*rule{}
	for i := range limits {
		r := succeed(before[limits[i].ID], limits[i])
		l.byID[r.ID] = r
		l.byScope[r.Scope] = append(l.byScope[r.Scope], r)
	}
	l.tallies = slices.DeleteFunc(l.tallies, func(t *tally) bool { return l.byID[t.rule.ID] != t.rule })
}

// settleAccounts refills everything by the figures that were in force until now.
func (l *Limiter) settleAccounts() {
	now := l.clock.read(l.now())
	for _, t := range l.tallies {
		t.refill(now)
	}
}

// succeed is the rule for a limit. It is the one before if it is about the same.
func succeed(before *rule, limit tollgate.Limit) *rule {
	if before == nil || before.Scope != limit.Scope || before.Each != limit.Each {
		before = &rule{tallies: map[tollgate.Scope]*tally{}}
	}
	before.Limit, before.perMinute = limit, perMinute(&limit)
	return before
}
