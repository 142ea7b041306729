package meter

import (
	"math/rand/v2"
	"testing"
	"time"

	"tollgate"
)

// What is held for a strict budget must be at or above what any usage within
// the same bounds costs, whatever its classes, speed and geography.
func TestPromise4_MostIsNeverLessThanTheCost(t *testing.T) {
	book, problems := NewBook(Config{
		Multiplier:  "1.3",
		Multipliers: map[string]Decimal{"eu": "1.1"},
		Overrides: []Override{
			{Model: "our-opus", Input: "7", Output: "31.5", CacheWrite5m: "9", CacheWrite1h: "15.25", CacheRead: "0.7"},
			{Upstream: "eu", Model: "claude-haiku-5-5", Input: "40", Output: "41", CacheWrite5m: "42", CacheWrite1h: "43", CacheRead: "44"},
			{Model: "in-steps", Input: "1", Output: "1", CacheWrite5m: "1", CacheWrite1h: "1", CacheRead: "1", PromptUpTo: 1_000},
			{Model: "in-steps", Input: "90", Output: "90", CacheWrite5m: "90", CacheWrite1h: "90", CacheRead: "90", PromptOver: 1_000, PromptUpTo: 200_000},
			{Model: "in-steps", Input: "2", Output: "2", CacheWrite5m: "2", CacheWrite1h: "2", CacheRead: "2", PromptOver: 200_000},
		},
	})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	names := []string{"our-opus", "in-steps", "nobody-knows-this"}
	for _, known := range book.Models() {
		names = append(names, known.ID)
	}
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	random := rand.New(rand.NewPCG(4, 4))
	tight := 0
	for range 20_000 {
		o := Order{
			Places: []Place{{Upstream: "first"}, {Upstream: "eu", Regional: true}}, Models: []string{names[random.IntN(len(names))]}, At: at,
			Input: random.Int64N(400_000), Output: random.Int64N(130_000), Searches: random.Int64N(3), Fast: random.IntN(4) == 0,
		}
		used := o
		used.Input -= random.Int64N(2) * random.Int64N(o.Input+1)
		place := o.Places[random.IntN(2)]
		bill := Bill{Upstream: place.Upstream, Regional: place.Regional, Model: o.Models[0], At: at, Operation: tollgate.Messages, Reading: within(random, used)}
		cost, most := book.Cost(bill).Money, book.Most(o)
		if cost > most {
			t.Fatalf("%+v cost %s, and at most %s was expected of %+v", bill, cost, most, o)
		}
		if most > 0 && float64(cost) > 0.9*float64(most) {
			tight++
		}
	}
	if tight == 0 {
		t.Error("no usage came near the bound, so it may be anything")
	}
}

// within is a usage within the bounds of an order: all input in one class or
// spread, any geography, fast only if it was asked for.
func within(random *rand.Rand, o Order) Reading {
	var tokens tollgate.Tokens
	classes := []*int64{&tokens.Input, &tokens.CacheWrite5m, &tokens.CacheWrite1h, &tokens.CacheRead}
	left := o.Input
	for range random.IntN(3) {
		part := random.Int64N(left + 1)
		*classes[random.IntN(4)] += part
		left -= part
	}
	*classes[random.IntN(4)] += left
	tokens.Output = o.Output
	usage := tollgate.Usage{Tokens: tokens, WebSearches: o.Searches, Geo: []string{"us", "global", ""}[random.IntN(3)]}
	if o.Fast {
		usage.Speed = "fast"
	}
	return Reading{Started: true, Finished: true, Usage: usage}
}
