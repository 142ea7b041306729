package limit

import (
	"time"

	"tollgate"
)

// rule is a limit with its figures at hand. It stays the same one while its id
// stays.
type rule struct {
	tollgate.Limit
	perMinute amounts
	tallies   map[tollgate.Scope]*tally // of each member, or of the zero Scope
}

// tally is what one member, or all who share a limit, have used of it.
type tally struct {
	rule    *rule
	member  tollgate.Scope
	at      time.Duration // when the buckets were refilled
	buckets [figures]bucket
	running int64 // requests under way
}

func (t *tally) refill(now time.Duration) {
	elapsed := now - t.at
	t.at = now
	for f := range t.buckets {
		t.buckets[f].refill(t.rule.perMinute[f], elapsed)
	}
}

// take uses up what is wanted, down to what a bucket can hold, and says how
// much that was.
func (t *tally) take(want amounts) (taken amounts) {
	for f := range t.buckets {
		taken[f] = min(want[f], t.rule.perMinute[f])
		t.buckets[f].take(taken[f])
	}
	return taken
}

// idle says whether it differs in nothing from a new one.
func (t *tally) idle() bool {
	return t.running == 0 && t.buckets == [figures]bucket{}
}
