package limit

import (
	"math"
	"time"
)

// clock counts the time that has passed. It stands still while the one it
// reads goes back.
type clock struct {
	last time.Time
	at   time.Duration
}

func (c *clock) read(now time.Time) time.Duration {
	step := max(0, now.Sub(c.last))
	c.last = now
	c.at += min(step, math.MaxInt64-c.at)
	return c.at
}
