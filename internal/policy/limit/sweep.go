package limit

import "time"

// rest is how long a caller must not have asked before it is forgotten. Every
// bucket that is not in debt is full after it.
const rest = time.Minute

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
			leave(gone.stakes)
			l.round[l.hand], l.round[last] = l.round[last], nil
			l.round = l.round[:last]
		}
	}
}

// atRest says whether a caller can be forgotten: what it has for itself is as
// if it had never asked.
func (l *Limiter) atRest(c *caller) bool {
	if l.clock.at-c.at < rest {
		return false
	}
	for _, s := range c.stakes {
		if s.tally.refill(l.clock.at); s.tally.rule.limit.Each && !s.tally.idle() {
			return false
		}
	}
	return true
}
