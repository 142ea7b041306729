package limit

// sweep forgets tallies that say nothing. For every one that the ask before has
// made it looks at two, so that it has been round before their number doubles:
// there are never many more than are in use. It runs before an ask is examined,
// since a tally under examination may be idle.
func (l *Limiter) sweep() {
	for ; l.fresh > 0; l.fresh-- {
		l.look()
		l.look()
	}
}

// look is one step of the hand, which goes down and begins again at the end.
func (l *Limiter) look() {
	last := len(l.tallies) - 1
	if l.hand--; l.hand < 0 || l.hand > last {
		l.hand = last
	}
	if last < 0 {
		return
	}
	t := l.tallies[l.hand]
	if t.refill(l.clock.at); t.idle() {
		delete(t.rule.tallies, t.member)
		l.tallies[l.hand], l.tallies[last] = l.tallies[last], nil
		l.tallies = l.tallies[:last]
	}
}
