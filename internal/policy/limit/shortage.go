package limit

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"tollgate"
)

// shortage is what a request has no room in, and for how long. The zero one is
// none.
type shortage struct {
	wait   time.Duration
	crowd  bool   // of requests under way
	what   string // as in "requests per minute"
	figure int64
	limit  tollgate.Limit
	member tollgate.Scope
}

// again is when to try again while as many requests are under way as may be.
// Nobody knows when the next one ends; Claude Code makes its waits longer by
// itself with every try.
const again = time.Second

// patience is the longest wait that Claude Code sits out; it gives up at once
// when it is told to wait longer (client-behaviour.md 2, 2026-11-23).
const patience = time.Minute

// shortest is the shortage that lasts longest among all that the ask meets:
// before that, trying again is of no use.
func (l *Limiter) shortest(want amounts) (worst shortage) {
	for _, t := range l.meets {
		if short := t.shortage(want); short.wait > worst.wait {
			worst = short
		}
	}
	return worst
}

func (t *tally) shortage(want amounts) (worst shortage) {
	for f, n := range want {
		if n == 0 {
			continue
		}
		if wait := t.buckets[f].wait(t.perMinute[f], n); wait > worst.wait {
			worst = shortage{wait, false, figure(f).String() + " per minute", t.perMinute[f], t.rule.limit, t.member}
		}
	}
	if most := t.concurrent; most > 0 && want[requests] > 0 && t.running >= most && worst.wait < again {
		worst = shortage{again, true, "requests under way", most, t.rule.limit, t.member}
	}
	return worst
}

// refusal says which limit it is, how much it allows and when to come back.
func (s shortage) refusal() error {
	wait := wholeSeconds(s.wait)
	e := tollgate.Errorf(tollgate.TooFast, "the limit of %s %s for %s is reached; %s", grouped(s.figure), s.what, s.whom(), s.advice(wait))
	e.RetryAfter = wait
	return e
}

// wholeSeconds rounds up.
func wholeSeconds(wait time.Duration) time.Duration {
	wait = min(wait, math.MaxInt64-time.Second)
	return (wait + time.Second - 1).Truncate(time.Second)
}

// whom is the member or the scope, and the models if it is not about all.
func (s shortage) whom() string {
	scope := s.limit.Scope
	if s.member != (tollgate.Scope{}) {
		scope = s.member
	}
	if len(s.limit.Models) == 0 {
		return scope.Phrase()
	}
	return fmt.Sprintf("%s (%s)", scope.Phrase(), strings.Join(s.limit.Models, ", "))
}

func (s shortage) advice(wait time.Duration) string {
	switch {
	case s.crowd:
		return "the client asks again by itself until one of them has ended"
	case wait <= patience:
		return fmt.Sprintf("there is room again in %s, and the client asks again by itself", wait)
	}
	return fmt.Sprintf("requests before this one used more than that, so there is room again in %s: ask again then, or ask the administrator of this gateway for more", wait)
}

// grouped writes a number with commas between its thousands.
func grouped(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}
