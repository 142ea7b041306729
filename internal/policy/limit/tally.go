package limit

import (
	"time"

	"tollgate"
)

// tally is what one member, or all who share a limit, have used of it.
type tally struct {
	rule    *rule
	at      time.Duration // when the buckets were refilled
	running int64         // requests under way
	buckets [figures]bucket
	member  tollgate.Scope // zero: shared
	callers int            // that point to it
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
