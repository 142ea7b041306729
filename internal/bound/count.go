// Package bound keeps what a process holds within bounds: a Count of what is
// under way, and the Connections of a server.
//
// It counts and says no; it never waits, takes nothing back, and what it has let
// in stays in until it ends by itself. Whoever took gives back, on every path:
// a count that does not return to zero is a leak.
package bound

import "sync/atomic"

// Count is how much there is of something and how much there may be. It takes
// no lock and makes no garbage. The zero Count lets nothing in before Set.
type Count struct{ held, most, refused atomic.Int64 }

// Stats are a Count at one moment.
type Stats struct {
	Held    int64 // what there is
	Bound   int64 // what there may be
	Refused int64 // counter: how often the bound said no
}

// Set changes the bound. What is over the new one stays until it is given back.
func (c *Count) Set(most int64) { c.most.Store(most) }

// Take adds n, or adds nothing and returns false where that would pass the
// bound. What is taken has to be given back.
func (c *Count) Take(n int64) bool {
	for {
		held := c.held.Load()
		if held+n > c.most.Load() {
			c.refused.Add(1)
			return false
		}
		if c.held.CompareAndSwap(held, held+n) {
			return true
		}
	}
}

// Give takes n off again.
func (c *Count) Give(n int64) { c.held.Add(-n) }

// Stats returns the count as it stands.
func (c *Count) Stats() Stats {
	return Stats{Held: c.held.Load(), Bound: c.most.Load(), Refused: c.refused.Load()}
}
