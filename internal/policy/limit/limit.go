// Package limit is the gate that keeps requests to a pace: requests, tokens of
// uncached input and tokens of output in a minute, and requests under way. It
// refuses for a moment only, with the time at which there will be room.
//
// What a request takes is taken from all limits that apply to it or from none.
// What it will consume is expected before it is sent, and replaced by the truth
// when it is settled. The truth may be more than there is: then the bucket is
// in debt, and those who come later wait for it. No request is refused for its
// size, since a bucket that is full lets every one pass.
//
// Everything is in memory and begins full after a restart. The package stores
// nothing, sleeps nowhere and queues nobody.
package limit

import (
	"sync"
	"time"

	"tollgate"
)

// Limiter is safe for concurrent use.
type Limiter struct {
	now func() time.Time

	mu      sync.Mutex
	clock   clock
	byScope map[tollgate.Scope][]*rule
	byID    map[string]*rule
	loads   int // how many there have been

	callers map[who]*caller
	round   []*caller // all of them, in no order
	hand    int       // which of them was looked at last, see sweep

	meets []*tally // those of the ask under examination
	free  *claim   // settled ones, to be used again
}

// New is a limiter without limits.
func New(now func() time.Time) *Limiter {
	return &Limiter{now: now, clock: clock{last: now()}, callers: map[who]*caller{}}
}

// Ask is a request that wants to be sent.
type Ask struct {
	Who       tollgate.Principal
	Model     string // by its bare name
	Operation tollgate.Operation

	// What it is expected to consume, in tokens; 0: unknown. Input is without
	// what will be read from a cache.
	Input, Output int64
}

// Admit takes what the request needs from every limit that applies to it, or
// refuses with a TooFast error and takes nothing. Whoever is given a grant
// settles or cancels it.
func (l *Limiter) Admit(ask Ask) (Grant, error) {
	grant, short := l.admit(&ask)
	if short.wait > 0 {
		return Grant{}, short.refusal()
	}
	return grant, nil
}

func (l *Limiter) admit(ask *Ask) (Grant, shortage) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.meet(ask)
	if len(l.meets) == 0 {
		return Grant{}, shortage{}
	}
	want := ask.wants()
	if short := l.shortest(want); short.wait > 0 {
		return Grant{}, short
	}
	return l.grant(want), shortage{}
}

// meet finds what the request has to find room in, and brings it up to now.
func (l *Limiter) meet(ask *Ask) {
	l.meets = l.meets[:0]
	if len(l.byID) == 0 {
		return
	}
	now := l.clock.read(l.now())
	c := l.caller(&ask.Who)
	for i := range c.stakes {
		if s := &c.stakes[i]; s.concerns(ask.Model) {
			s.tally.refill(now)
			l.meets = append(l.meets, s.tally)
		}
	}
}
