package limit

import (
	"math"
	"testing"
	"time"
)

// TestAMinuteBringsBackTheFigure however often the bucket is looked at.
func TestAMinuteBringsBackTheFigure(t *testing.T) {
	for _, figure := range []int64{1, 7, 60, 999_983, 1 << 40} {
		b := bucket{used: 3 * figure}
		for step := range 600 {
			odd := time.Duration(step%7) * 13
			b.refill(figure, 50*time.Millisecond-odd)
			b.refill(figure, 50*time.Millisecond+odd)
		}
		if (b != bucket{used: 2 * figure}) {
			t.Errorf("%d a minute: %+v", figure, b)
		}
	}
}

// TestWaitIsExact to the nanosecond: then there is room, and not before.
func TestWaitIsExact(t *testing.T) {
	for _, figure := range []int64{1, 7, 60, 999_983, 70_000_000_003} {
		for _, n := range []int64{1, figure/3 + 1, figure, 5 * figure} {
			b := bucket{used: 2*figure + 1}
			b.refill(figure, 12_345)
			wait, early := b.wait(figure, n), b
			if early.refill(figure, wait-1); early.wait(figure, n) == 0 {
				t.Errorf("%d of %d: there is room before %v", n, figure, wait)
			}
			if b.refill(figure, wait); b.wait(figure, n) != 0 {
				t.Errorf("%d of %d: no room after %v", n, figure, wait)
			}
		}
	}
}

// TestAlmostIsNotYet: the last nanosecond counts as a whole one.
func TestAlmostIsNotYet(t *testing.T) {
	b := bucket{used: 1, back: minute - 1}
	if wait := b.wait(7, 7); wait != 1 {
		t.Errorf("%d ns", wait)
	}
}

// TestNothingOverflows with figures that nobody will set.
func TestNothingOverflows(t *testing.T) {
	const most = math.MaxInt64
	b := bucket{}
	b.take(most)
	b.take(most)
	if b.used != most {
		t.Errorf("%d used", b.used)
	}
	if wait := b.wait(1, 1); wait != most || wholeSeconds(wait) < most-time.Second {
		t.Errorf("%v, %v", wait, wholeSeconds(wait))
	}
	b.refill(1, most)
	if b.used != most-most/int64(time.Minute) {
		t.Errorf("%d used", b.used)
	}
	if b.refill(most, most); b != (bucket{}) {
		t.Errorf("%+v", b)
	}
	if b.take(-most); b != (bucket{}) {
		t.Errorf("%+v", b)
	}
}
