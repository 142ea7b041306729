package budget

import (
	"time"

	"tollgate"
)

// entry is a request under way and its stakes. The keeper's lock is over it.
type entry struct {
	Ask
	attempts int64 // that may cost Most each, beyond the first
	stakes   []stake

	next, prev *entry
}

// stake is what a request has in one counter.
type stake struct {
	*counter
	amount tollgate.Money // held
}

// lacking is the counter that has no room for the request; of several the one
// that begins anew last, since there is no use in coming back before. nil:
// there is room everywhere. The stakes then say how much to hold.
func (e *entry) lacking(now time.Time) *counter {
	var worst *counter
	for i := range e.stakes {
		s := &e.stakes[i]
		amount, ok := s.room(e, now)
		if !ok && (worst == nil || s.resetsAfter(worst)) {
			worst = s.counter
		}
		s.amount = amount
	}
	return worst
}

// hold puts the stakes into the counters.
func (e *entry) hold() {
	for _, s := range e.stakes {
		s.held += s.amount
		s.exposed += e.exposure()
	}
}

// release takes the stakes out again.
func (e *entry) release() {
	for _, s := range e.stakes {
		s.held -= s.amount
		s.exposed -= e.exposure()
	}
}

// exposure is the most that the request can cost with all its attempts.
func (e *entry) exposure() tollgate.Money { return e.Most * tollgate.Money(1+e.attempts) }

// largest is the most that is held for the request in any budget.
func (e *entry) largest() (amount tollgate.Money) {
	for _, s := range e.stakes {
		amount = max(amount, s.amount)
	}
	return amount
}

// entries is a list of them.
type entries struct{ first *entry }

func (l *entries) add(e *entry) {
	e.prev, e.next = nil, l.first
	if l.first != nil {
		l.first.prev = e
	}
	l.first = e
}

func (l *entries) remove(e *entry) {
	if e.prev != nil {
		e.prev.next = e.next
	} else {
		l.first = e.next
	}
	if e.next != nil {
		e.next.prev = e.prev
	}
	e.prev, e.next = nil, nil
}
