package preview

import "time"

// clock is the time in a replay. It does not go back when two rows are in the
// wrong order.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func (c *clock) pass(at time.Time) {
	if at.After(c.at) {
		c.at = at
	}
}
