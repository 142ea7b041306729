package limit

import (
	"time"

	"tollgate"
)

// tally is what one member, or all who share a limit, have used of it.
type tally struct {
	perMinute  amounts // as in the limit, here to be close at hand
	concurrent int64   // as in the limit
	running    int64   // requests under way
	claims     int64   // open ones: these and what asks count_tokens
	buckets    [figures]bucket
	at         time.Duration // when they were refilled

	rule    *rule
	member  tollgate.Scope // zero: shared
	callers int            // that point to it
}

func (t *tally) set(l *tollgate.Limit) {
	t.perMinute, t.concurrent = perMinute(l), l.Concurrent
}

func (t *tally) refill(now time.Duration) {
	elapsed := now - t.at
	t.at = now
	for f := range t.buckets {
		t.buckets[f].refill(t.perMinute[f], elapsed)
	}
}

// take uses up what is wanted, down to what a bucket can hold, and says how
// much that was.
func (t *tally) take(want amounts) (taken amounts) {
	for f := range t.buckets {
		taken[f] = min(want[f], t.perMinute[f])
		t.buckets[f].take(taken[f])
	}
	return taken
}

// idle says whether it differs in nothing from a new one.
func (t *tally) idle() bool {
	return t.claims == 0 && t.buckets == [figures]bucket{}
}
