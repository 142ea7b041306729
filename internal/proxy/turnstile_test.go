package proxy

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
)

// TestTheTurnstile, with a crowd that comes and goes: between a shut that has
// returned and the opening, nobody is within.
func TestTheTurnstile(t *testing.T) {
	t.Parallel()
	var gate turnstile
	var within, passed atomic.Int64
	ctx, end := context.WithCancel(t.Context())
	var crowd sync.WaitGroup
	for range 8 {
		crowd.Go(func() {
			for ctx.Err() == nil {
				var own pass
				if heir, err := gate.enter(&own, ctx, t.Context()); heir != nil || err != nil {
					continue // the end
				}
				within.Add(1)
				passed.Add(1)
				within.Add(-1)
				own.leave()
				own.leave()
			}
		})
	}
	for range 500 {
		if err := gate.shut(t.Context()); err != nil {
			t.Fatal(err)
		}
		before := passed.Load()
		if n := within.Load(); n != 0 {
			t.Fatalf("it is shut, and %d are within", n)
		}
		if after := passed.Load(); after != before {
			t.Fatalf("it is shut, and %d came in", after-before)
		}
		gate.turn(nil)
		for passed.Load() == before && ctx.Err() == nil { // whoever has waited comes in
		}
	}
	end()
	crowd.Wait()
}

// nobody is an heir that is never asked.
type nobody struct{ http.RoundTripper }

// TestTheTurnstile_AnHeir is told to everybody, those who have waited included.
func TestTheTurnstile_AnHeir(t *testing.T) {
	t.Parallel()
	var gate turnstile
	if err := gate.shut(t.Context()); err != nil {
		t.Fatal(err)
	}
	told := make(chan http.RoundTripper)
	for range 10 {
		go func() {
			heir, _ := gate.enter(new(pass), t.Context(), t.Context())
			told <- heir
		}()
	}
	gate.turn(newHalt(nobody{}))
	for range 10 {
		if heir := <-told; heir != (nobody{}) {
			t.Errorf("the heir is %v", heir)
		}
	}
	if n := gate.within.Load(); n != 0 {
		t.Errorf("%d are within", n)
	}
}

// TestTheTurnstileMakesNoGarbage while it is open.
func TestTheTurnstileMakesNoGarbage(t *testing.T) {
	var gate turnstile
	var own pass
	if garbage := testing.AllocsPerRun(100, func() {
		_, _ = gate.enter(&own, t.Context(), t.Context())
		own.leave()
	}); garbage != 0 {
		t.Errorf("%v allocations", garbage)
	}
}

func BenchmarkTurnstile(b *testing.B) {
	var gate turnstile
	ctx := b.Context()
	b.ReportAllocs()
	b.RunParallel(func(each *testing.PB) {
		for each.Next() {
			var own pass
			_, _ = gate.enter(&own, ctx, ctx)
			own.leave()
		}
	})
}
