package limit

import (
	"math"
	"math/bits"
	"time"
)

// bucket is how much of a minute's worth is used up and has not come back yet.
// Its capacity is not part of it, so that a changed figure keeps what was used.
// Nothing in it is rounded: however often it is looked at, a minute brings back
// exactly the figure per minute.
type bucket struct {
	used int64  // more than the capacity: it is in debt
	back uint64 // of the next one, how many parts of minute have come back
}

// minute is the unit of time: what comes back in a nanosecond is the figure
// divided by it.
const minute = uint64(time.Minute)

// refill brings back what the time is worth. What has no figure has no use.
func (b *bucket) refill(perMinute int64, elapsed time.Duration) {
	if b.used == 0 || perMinute <= 0 {
		*b = bucket{}
		return
	}
	high, low := bits.Mul64(uint64(elapsed), uint64(perMinute))
	low, carry := bits.Add64(low, b.back, 0)
	if high += carry; high >= minute {
		*b = bucket{}
		return
	}
	whole, rest := bits.Div64(high, low, minute)
	if whole >= uint64(b.used) {
		*b = bucket{}
		return
	}
	b.used, b.back = b.used-int64(whole), rest
}

// take uses up n, or gives back when n is negative; never to more than full.
func (b *bucket) take(n int64) {
	if n > 0 {
		b.used += min(n, math.MaxInt64-b.used)
	} else if b.used += n; b.used <= 0 {
		*b = bucket{}
	}
}

// wait is how long it takes until n fit; 0 when they do now. What is larger
// than the bucket fits when it is full.
func (b *bucket) wait(perMinute, n int64) time.Duration {
	room := perMinute - min(n, perMinute)
	if perMinute <= 0 || b.used <= room {
		return 0
	}
	high, low := bits.Mul64(uint64(b.used-room), minute)
	low, borrow := bits.Sub64(low, b.back, 0)
	high -= borrow
	if high >= uint64(perMinute) {
		return math.MaxInt64
	}
	wait, rest := bits.Div64(high, low, uint64(perMinute))
	if rest > 0 {
		wait++
	}
	return time.Duration(min(wait, math.MaxInt64))
}
