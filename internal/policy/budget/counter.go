package budget

import (
	"time"

	"tollgate"
)

// counter is one budget in one window, for one member or for all who share it.
type counter struct {
	rule       *rule
	member     tollgate.Scope
	start, end time.Time // both zero for the total
	spent      tollgate.Money
	held       tollgate.Money // the sum of the stakes in it
	exposed    tollgate.Money // the sum of what these requests can cost at most
}

// room says how much of the counter a request has to hold, and whether it is
// there. Whoever is alone may have what is left of an expected budget, however
// little: nobody who has money is refused because of a guess.
func (c *counter) room(e *entry, now time.Time) (amount tollgate.Money, ok bool) {
	b := &c.rule.Budget
	left := c.left(now)
	switch {
	case !b.Hard:
		return e.Expected, true
	case b.Enforce == tollgate.EnforceStrict:
		return e.Most, e.Most <= left
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

func (c *counter) limit(now time.Time) tollgate.Money { return c.rule.Limit(c.member, now) }

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
