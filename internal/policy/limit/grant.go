package limit

import "tollgate"

// Grant is what a request has taken. The zero Grant has taken nothing. It may
// be copied; of all calls on it and its copies the first one counts.
type Grant struct {
	limiter *Limiter
	claim   *claim
	turn    uint64 // the claim is this grant's while it says the same
}

// claim is what one request has taken from each tally it met. Its memory is
// used again when it is settled.
type claim struct {
	turn  uint64
	parts []part
	next  *claim // free ones only
}

// part is a claim on one tally. What it took beside tokens, it took one of.
type part struct {
	tally         *tally
	input, output int64
	counted       bool // it was a request to count_tokens
}

// grant takes what is wanted from every tally that the ask meets.
func (l *Limiter) grant(want amounts) Grant {
	c := l.claim()
	counted := want[countTokens] > 0
	for _, t := range l.meets {
		taken := t.take(want)
		t.claims++
		if !counted {
			t.running++
		}
		c.parts = append(c.parts, part{t, taken[inputTokens], taken[outputTokens], counted})
	}
	return Grant{l, c, c.turn}
}

// Settle replaces what was expected by what was consumed, and ends the request.
// Failed requests are settled too: they were sent, and consumed what they say.
func (g *Grant) Settle(used tollgate.Tokens) {
	input := max(0, used.Input) + max(0, used.CacheWrite5m) + max(0, used.CacheWrite1h)
	g.end(func(p *part) {
		if !p.counted {
			p.tally.buckets[inputTokens].take(input - p.input)
			p.tally.buckets[outputTokens].take(max(0, used.Output) - p.output)
		}
	})
}

// Cancel gives everything back: the request was never sent.
func (g *Grant) Cancel() {
	g.end(func(p *part) {
		if p.counted {
			p.tally.buckets[countTokens].take(-1)
			return
		}
		p.tally.buckets[requests].take(-1)
		p.tally.buckets[inputTokens].take(-p.input)
		p.tally.buckets[outputTokens].take(-p.output)
	})
}

// end closes the accounts of a request that are still open. A tally whose limit
// has been removed meanwhile is nobody's, and takes what comes.
func (g *Grant) end(settle func(*part)) {
	if g.limiter == nil {
		return
	}
	l, c := g.limiter, g.claim
	l.mu.Lock()
	defer l.mu.Unlock()
	if c.turn != g.turn {
		return
	}
	now := l.clock.read(l.now())
	for i := range c.parts {
		p := &c.parts[i]
		p.tally.refill(now)
		settle(p)
		p.tally.claims--
		if !p.counted {
			p.tally.running--
		}
	}
	l.release(c)
}

// claim is a free one, with the memory of those before.
func (l *Limiter) claim() *claim {
	c := l.free
	if c == nil {
		return &claim{}
	}
	l.free, c.next = c.next, nil
	return c
}

// release makes the grants of a claim worthless.
func (l *Limiter) release(c *claim) {
	clear(c.parts)
	c.turn, c.parts = c.turn+1, c.parts[:0]
	c.next, l.free = l.free, c
}
