package budget

import (
	"math"
	"time"

	"tollgate"
)

// counter is one budget in one window, for one member or for all who share it.
// What every request needs comes first: it is one line of the processor's cache.
type counter struct {
	from, to     int64 // the window in Unix microseconds; the total's goes on for ever
	spent        tollgate.Money
	held         tollgate.Money // the sum of the stakes in it
	exposed      tollgate.Money // the sum of what these requests can cost at most
	amount       tollgate.Money // the limit, unless it is raised
	hard, strict bool
	raised       bool // there are raises, in force or not

	rule       *rule
	member     tollgate.Scope
	start, end time.Time // both zero for the total
}

func (r *rule) newCounter(member tollgate.Scope, start, end time.Time) *counter {
	c := &counter{
		from: start.UnixMicro(), to: end.UnixMicro(), amount: r.Amount,
		hard: r.Hard, strict: r.Hard && r.Enforce == tollgate.EnforceStrict, raised: len(r.Raises) > 0,
		rule: r, member: member, start: start, end: end,
	}
	if end.IsZero() {
		c.to = math.MaxInt64
	}
	return c
}

// room says how much of the counter a request has to hold, and whether it is
// there. Whoever is alone may have what is left of an expected budget, however
// little: nobody who has money is refused because of a guess.
func (c *counter) room(e *entry, now time.Time) (amount tollgate.Money, ok bool) {
	left := c.left(now)
	switch {
	case !c.hard:
		return e.Expected, true
	case c.strict:
		return e.Most, left > 0 && e.Most <= left
	case e.Expected > left && left > 0 && c.held == 0:
		return left, true
	}
	return e.Expected, left > 0 && e.Expected <= left
}

// left is what is neither spent nor held; less than nothing after a limit was
// lowered.
func (c *counter) left(now time.Time) tollgate.Money {
	limit := c.limit(now)
	if c.spent >= limit {
		return 0
	}
	return limit - c.spent - c.held
}

// covers says whether a moment lies in the window.
func (c *counter) covers(at int64) bool { return c.from <= at && at < c.to }

func (c *counter) limit(now time.Time) tollgate.Money {
	if !c.raised {
		return c.amount
	}
	return c.rule.Limit(c.member, now)
}

// resetsAfter says whether c begins anew later than other does. The total never
// does.
func (c *counter) resetsAfter(other *counter) bool {
	if c.end.IsZero() || other.end.IsZero() {
		return !other.end.IsZero()
	}
	return c.end.After(other.end)
}

func (c *counter) state(now time.Time) tollgate.BudgetState {
	return tollgate.BudgetState{
		Budget: &c.rule.Budget, Member: c.member, Start: c.start, Reset: c.end,
		Limit: c.limit(now), Spent: c.spent, Held: c.held, Exposed: c.spent.Plus(c.exposed),
	}
}
