package bound

import (
	"sync"
	"testing"
)

func TestCount(t *testing.T) {
	var c Count
	if c.Take(1) {
		t.Error("something fits in before there is a bound")
	}
	c.Set(10)
	for _, step := range []struct {
		take int64
		fits bool
	}{{4, true}, {7, false}, {6, true}, {1, false}, {0, true}} {
		if c.Take(step.take) != step.fits {
			t.Errorf("%d fits: %v, want %v", step.take, !step.fits, step.fits)
		}
	}
	if got := c.Stats(); got != (Stats{Held: 10, Bound: 10, Refused: 3}) {
		t.Errorf("%+v", got)
	}
	c.Set(3) // what is there stays
	c.Give(8)
	if !c.Take(1) || c.Take(1) {
		t.Error("a lower bound is not the one in force")
	}
}

// TestCountIsExact: whatever many do at once, no more than the bound is in, and
// nothing is left in the end.
func TestCountIsExact(t *testing.T) {
	const most = 7
	var c, inside Count
	c.Set(most)
	inside.Set(1 << 40)
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			for n := range int64(2000) {
				if n = n%3 + 1; c.Take(n) {
					inside.Take(n)
					if held := inside.Stats().Held; held > most {
						t.Errorf("%d are in", held)
					}
					inside.Give(n)
					c.Give(n)
				}
			}
		})
	}
	group.Wait()
	if held := c.Stats().Held; held != 0 {
		t.Errorf("%d are left", held)
	}
}

func TestCountMakesNoGarbage(t *testing.T) {
	var c Count
	c.Set(1)
	if n := testing.AllocsPerRun(100, func() { c.Take(1); c.Give(1) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
