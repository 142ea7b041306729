package meter

import (
	"testing"

	"tollgate"
)

// A million tokens of each class cost $37.20 of Opus 5.5 and of the others what
// stands behind them, before what the place adds.
func TestPromise3_ThePriceFollowsThePlace(t *testing.T) {
	override := Override{Upstream: "paid", Model: "claude-opus-5-5", Input: "4.4", Output: "22", CacheWrite5m: "5.5", CacheWrite1h: "8.8", CacheRead: "0.22"}
	book := mustBook(t, Config{Multipliers: map[string]Decimal{"datazone": "1.1", "cheap": "0.5"}, Overrides: []Override{override}})
	all := tollgate.Usage{Tokens: mega(1, 1, 1, 1, 1)}
	for _, test := range []struct {
		name, upstream, model, served string
		regional                      bool
		geo                           string
		want                          tollgate.Money
	}{
		{"global", "b", "claude-opus-5-5", "claude-opus-5-5", false, "", cents(3720)},
		{"a region: 1.1 x 37.20", "b", "claude-opus-5-5", "claude-opus-5-5", true, "", cents(4092)},
		{"a region, from 4.5 on: 1.1 x 9.35", "b", "claude-haiku-4-5", "claude-haiku-4-5-20251001", true, "", tollgate.Money(10_285_000_000)},
		{"a region, before: 15 + 18.75 + 30 + 1.5 + 75", "b", "claude-opus-4-1", "claude-opus-4-1-20250805", true, "", cents(14025)},
		{"for a region once", "b", "claude-opus-5-5", "claude-opus-5-5", true, "us", cents(4092)},
		{"a multiplier of the upstream", "datazone", "claude-opus-5-5", "claude-opus-5-5", false, "", cents(4092)},
		{"and a region: 0.5 x 1.1 x 37.20", "cheap", "claude-opus-5-5", "claude-opus-5-5", true, "", cents(2046)},
		{"an override is what is paid: 4.4 + 5.5 + 8.8 + 0.22 + 22", "paid", "claude-opus-5-5", "eu.anthropic.claude-opus-5-5", true, "", cents(4092)},
		{"an answer that names a deployment", "b", "claude-opus-5-5", "our-deployment", true, "", cents(4092)},
		{"another model that is known", "b", "claude-opus-5-5", "claude-haiku-4-5-20251001", false, "", cents(935)},
	} {
		reading := whole(all)
		reading.Usage.Geo, reading.Model = test.geo, test.served
		got := book.Cost(Bill{Upstream: test.upstream, Regional: test.regional, Model: test.model, At: now, Operation: tollgate.Messages, Reading: reading})
		if got.Money != test.want || got.Guessed {
			t.Errorf("%s: %s (%s), want %s", test.name, got.Money, got.Guess, test.want)
		}
	}
}

func TestMultipliersOfUpstreamsAreJudged(t *testing.T) {
	for written, wrong := range map[Decimal]bool{"1.1": false, "10": false, "0": true, "-1": true, "10.1": true, "x": true} {
		if found := (Config{Multipliers: map[string]Decimal{"u": written}}).Validate(); (len(found) > 0) != wrong {
			t.Errorf("%s: %v", written, found)
		}
	}
}
