package app

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestPromise5_AFloodIsOneRecord a minute for each sort, and nothing of it is lost.
func TestPromise5_AFloodIsOneRecord(t *testing.T) {
	now := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	r := &refusals{now: func() time.Time { return now }}
	var group sync.WaitGroup
	for n := range 8 {
		group.Go(func() {
			for i := range 1000 {
				r.count(refusal{action: keyRefused, why: "unknown"})
				r.count(refusal{action: keyRefused, why: "expired", key: fmt.Sprint("key", n, i)})
			}
		})
	}
	group.Wait()
	if early := r.take(false); len(early) != 0 {
		t.Errorf("%d records before the minute is over", len(early))
	}
	now = now.Add(refusalSpan)
	events := r.take(false)
	if len(events) > mostSorts+1 {
		t.Errorf("%d records", len(events))
	}
	sum := 0
	for _, e := range events {
		var count int
		_, rest, _ := strings.Cut(string(e.About), `"count":`)
		fmt.Sscan(strings.SplitN(rest, ",", 2)[0], &count)
		sum += count
		if e.Actor != stranger || e.Outcome != "refused" || e.Action != keyRefused {
			t.Errorf("%+v", e)
		}
	}
	if sum != 16_000 {
		t.Errorf("%d of 16000 are recorded", sum)
	}
	if again := r.take(true); len(again) != 0 {
		t.Errorf("%d are recorded twice", len(again))
	}
}
