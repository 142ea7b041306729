package limit

import "tollgate"

// Load puts these limits in force, each with an id of its own, and no others.
// One that was there keeps what was used of it, measured against the figures it
// has now. Nobody changes what has been loaded.
func (l *Limiter) Load(limits []tollgate.Limit) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refill()
	l.loads++
	before := l.byID
	l.byScope, l.byID = map[tollgate.Scope][]*rule{}, map[string]*rule{}
	for _, limit := range limits {
		r := successor(before[limit.ID], limit)
		l.byID[limit.ID] = r
		l.byScope[limit.Scope] = append(l.byScope[limit.Scope], r)
	}
}

// refill brings everything up to now, by the figures that were in force.
func (l *Limiter) refill() {
	now := l.clock.read(l.now())
	for _, r := range l.byID {
		r.shared.refill(now)
		for _, t := range r.members {
			t.refill(now)
		}
	}
}

// successor is the rule for a limit: the one before, if it is about the same.
func successor(before *rule, limit tollgate.Limit) *rule {
	if before == nil || before.limit.Scope != limit.Scope || before.limit.Each != limit.Each {
		return newRule(limit)
	}
	before.set(limit)
	return before
}
