package meter

import (
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"tollgate"
)

func mustBook(t testing.TB, config Config) *Book {
	t.Helper()
	book, found := NewBook(config)
	if found != nil {
		t.Fatal(found)
	}
	return book
}

// in, w5, w1, read and out are a million tokens of one class times n.
func mega(in, w5, w1, read, out int64) tollgate.Tokens {
	const m = 1_000_000
	return tollgate.Tokens{Input: in * m, CacheWrite5m: w5 * m, CacheWrite1h: w1 * m, CacheRead: read * m, Output: out * m}
}

// whole is a reading of an answer that the provider finished.
func whole(usage tollgate.Usage) Reading {
	return Reading{Usage: usage, Started: true, Finished: true, StopReason: "end_turn"}
}

const dollar = tollgate.Dollar

func cents(n int64) tollgate.Money { return tollgate.Money(n) * dollar / 100 }

func on(day string) time.Time {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		panic(err)
	}
	return at
}

func TestPromise3_EveryRuleOfTheProvidersPrice(t *testing.T) {
	hop := func(kind, model string, tokens tollgate.Tokens) tollgate.Iteration {
		return tollgate.Iteration{Type: kind, Model: model, Tokens: tokens}
	}
	few := tollgate.Tokens{Input: 1000, Output: 100}
	for _, test := range []struct {
		name    string
		model   string
		at      time.Time
		reading Reading
		want    tollgate.Money // the arithmetic stands behind it
	}{
		// 4 + 5 + 8 + 0.20 + 20
		{"each class at its own rate", "claude-opus-5-5", now, whole(tollgate.Usage{Tokens: mega(1, 1, 1, 1, 1)}), cents(3720)},
		// 10 + 12.5 + 20 + 0.25 + 50
		{"cache reads at 0.025 of input", "claude-fable-5-1", now, whole(tollgate.Usage{Tokens: mega(1, 1, 1, 1, 1)}), cents(9275)},
		// 10 + 12.5 + 20 + 1 + 50
		{"cache reads at 0.1 of input", "claude-fable-5", now, whole(tollgate.Usage{Tokens: mega(1, 1, 1, 1, 1)}), cents(9350)},
		// 2 x 37.20
		{"fast", "claude-opus-5-5", now, whole(tollgate.Usage{Tokens: mega(1, 1, 1, 1, 1), Speed: "fast"}), cents(7440)},
		// 1.1 x 37.20
		{"kept in the US", "claude-opus-5-5", now, whole(tollgate.Usage{Tokens: mega(1, 1, 1, 1, 1), Geo: "us"}), cents(4092)},
		{"anywhere", "claude-opus-5-5", now, whole(tollgate.Usage{Tokens: mega(1, 1, 1, 1, 1), Geo: "global"}), cents(3720)},
		// 2 x 1.1 x 37.20
		{"fast in the US", "claude-opus-5-5", now, whole(tollgate.Usage{Tokens: mega(1, 1, 1, 1, 1), Speed: "fast", Geo: "us"}), cents(8184)},
		// 0.5 x 37.20
		{"batch", "claude-opus-5-5", now, whole(tollgate.Usage{Tokens: mega(1, 1, 1, 1, 1), ServiceTier: "batch"}), cents(1860)},
		// 0.5 x 1.1 x 37.20
		{"batch in the US", "claude-opus-5-5", now, whole(tollgate.Usage{Tokens: mega(1, 1, 1, 1, 1), ServiceTier: "batch", Geo: "us"}), cents(2046)},
		{"batch and fast never combine", "claude-opus-5-5", now, whole(tollgate.Usage{Tokens: mega(1, 1, 1, 1, 1), ServiceTier: "batch", Speed: "fast"}), cents(1860)},
		{"priority costs what standard costs", "claude-opus-5-5", now, whole(tollgate.Usage{Tokens: mega(1, 1, 1, 1, 1), ServiceTier: "priority"}), cents(3720)},
		{"the US costs nothing more before 4.6", "claude-haiku-4-5", now, whole(tollgate.Usage{Tokens: mega(1, 0, 0, 0, 0), Geo: "us"}), cents(100)},
		{"fast is standard on Opus 4.6", "claude-opus-4-6", now, whole(tollgate.Usage{Tokens: mega(1, 0, 0, 0, 0), Speed: "fast"}), cents(500)},

		// 2 x 5, on its last day; 5 on the next
		{"the last moment of fast on Opus 4.8", "claude-opus-4-8", on("2026-12-01").Add(-1), whole(tollgate.Usage{Tokens: mega(1, 0, 0, 0, 0), Speed: "fast"}), cents(1000)},
		{"the moment after", "claude-opus-4-8", on("2026-12-01"), whole(tollgate.Usage{Tokens: mega(1, 0, 0, 0, 0), Speed: "fast"}), cents(500)},
		// 0.20 a million before 2026-10-07, 0.10 since
		{"Sonnet 5.5 cache reads before", "claude-sonnet-5-5", on("2026-10-07").Add(-1), whole(tollgate.Usage{Tokens: mega(0, 0, 0, 1, 0)}), cents(20)},
		{"Sonnet 5.5 cache reads since", "claude-sonnet-5-5", on("2026-10-07"), whole(tollgate.Usage{Tokens: mega(0, 0, 0, 1, 0)}), cents(10)},
		{"Sonnet 5.5 before, in another zone", "claude-sonnet-5-5", time.Date(2026, 10, 7, 8, 59, 59, 0, time.FixedZone("", 9*3600)), whole(tollgate.Usage{Tokens: mega(0, 0, 0, 1, 0)}), cents(20)},

		// 100,000 x 100 + 10 x 500; 100,001 x 500 + 10 x 2,500
		{"Haiku 5.5, the longest cheap prompt", "claude-haiku-5-5", now, whole(tollgate.Usage{Tokens: tollgate.Tokens{Input: 100_000, Output: 10}}), 10_005_000},
		{"Haiku 5.5, one token more", "claude-haiku-5-5", now, whole(tollgate.Usage{Tokens: tollgate.Tokens{Input: 100_001, Output: 10}}), 50_025_500},
		// 1 x 500 + 40,000 x 625 + 30,000 x 1,000 + 30,000 x 50
		{"Haiku 5.5, cached input counts", "claude-haiku-5-5", now, whole(tollgate.Usage{Tokens: tollgate.Tokens{Input: 1, CacheWrite5m: 40_000, CacheWrite1h: 30_000, CacheRead: 30_000}}), 56_500_500},
		// 2 x (60,000 x 100), though both together are more than 100,000
		{"Haiku 5.5, each iteration for itself", "claude-haiku-5-5", now, whole(tollgate.Usage{Tokens: tollgate.Tokens{Input: 120_000}, Iterations: []tollgate.Iteration{
			hop("message", "claude-haiku-5-5", tollgate.Tokens{Input: 60_000, Output: 0}), hop("message", "", tollgate.Tokens{Input: 60_000}),
		}}), 12_000_000},

		// 1,000 x 4,000 + 100 x 20,000 = 6,000,000, and two searches
		{"web searches", "claude-opus-5-5", now, whole(tollgate.Usage{Tokens: few, WebSearches: 2}), 26_000_000},
		// 2 x 6,000,000 x 1.1 + 10,000,000
		{"no factor applies to searches", "claude-opus-5-5", now, whole(tollgate.Usage{Tokens: few, WebSearches: 1, Speed: "fast", Geo: "us"}), 23_200_000},

		// 6,000,000 + 1,000 x 2,000 + 100 x 10,000 + 500 x 4,000 + 50 x 20,000
		{"iterations at their own model", "claude-opus-5-5", now, whole(tollgate.Usage{Tokens: few, Iterations: []tollgate.Iteration{
			hop("compaction", "", tollgate.Tokens{Input: 500, Output: 50}), hop("message", "claude-opus-5-5", few), hop("advisor_message", "claude-sonnet-5", few),
		}}), 12_000_000},
		// 3,000,000: the top level has more, and does not count
		{"iterations replace the top level", "claude-opus-5-5", now, whole(tollgate.Usage{Tokens: mega(1, 0, 0, 0, 0), Iterations: []tollgate.Iteration{hop("message", "claude-sonnet-5", few)}}), 3_000_000},
		{"a declined hop is free", "claude-opus-5-5", now, whole(tollgate.Usage{Tokens: few, Iterations: []tollgate.Iteration{
			hop("message", "claude-opus-5-5", tollgate.Tokens{Input: 1000}), hop("fallback_message", "claude-fable-5", tollgate.Tokens{Input: 1000}), hop("fallback_message", "claude-sonnet-5", few),
		}}), 3_000_000},
		// 1,000 x 4,000 + 1 x 20,000 + 3,000,000
		{"one that declined in the middle is not", "claude-opus-5-5", now, whole(tollgate.Usage{Tokens: few, Iterations: []tollgate.Iteration{
			hop("message", "claude-opus-5-5", tollgate.Tokens{Input: 1000, Output: 1}), hop("fallback_message", "claude-sonnet-5", few),
		}}), 7_020_000},
		// 1,000 x 4,000
		{"no output is not a refusal", "claude-opus-5-5", now, whole(tollgate.Usage{Iterations: []tollgate.Iteration{hop("message", "claude-opus-5-5", tollgate.Tokens{Input: 1000})}}), 4_000_000},
		{"all declined", "claude-opus-5-5", now, Reading{StopReason: "refusal", Started: true, Finished: true, Usage: tollgate.Usage{Tokens: few, Iterations: []tollgate.Iteration{
			hop("message", "claude-opus-5-5", tollgate.Tokens{Input: 1000}), hop("fallback_message", "claude-sonnet-5", tollgate.Tokens{Input: 1000}),
		}}}, 0},

		{"a refusal before output", "claude-opus-5-5", now, Reading{StopReason: "refusal", Empty: true, Started: true, Finished: true, Usage: tollgate.Usage{Tokens: few}}, 0},
		{"a refusal in the middle", "claude-opus-5-5", now, Reading{StopReason: "refusal", Started: true, Finished: true, Usage: tollgate.Usage{Tokens: few}}, 6_000_000},
		{"an empty answer that is no refusal", "claude-opus-5-5", now, Reading{StopReason: "end_turn", Empty: true, Started: true, Finished: true, Usage: tollgate.Usage{Tokens: few}}, 6_000_000},
		{"nothing", "claude-opus-5-5", now, whole(tollgate.Usage{}), 0},
		// 1,000 x 4,000 + 150 x 20,000
		{"cut", "claude-opus-5-5", now, Reading{Started: true, Usage: tollgate.Usage{Tokens: few}, OutputEstimate: 150}, 7_000_000},
	} {
		cost := mustBook(t, Config{}).Cost(Bill{Upstream: "anthropic", Model: test.model, At: test.at, Operation: tollgate.Messages, Reading: test.reading})
		if cost.Money != test.want {
			t.Errorf("%s: %d, want %d", test.name, cost.Money, test.want)
		}
		if cost.Guessed != (test.name == "the moment after") {
			t.Errorf("%s: %s", test.name, cost.Guess)
		}
	}
}

func TestPromise3_CountingTokensIsFree(t *testing.T) {
	cost := mustBook(t, Config{}).Cost(Bill{Model: "nobody knows", At: now, Operation: tollgate.CountTokens, Reading: whole(tollgate.Usage{Tokens: mega(1, 0, 0, 0, 0)})})
	if cost != (Cost{}) {
		t.Errorf("%+v", cost)
	}
}

func TestPromise3_RoundedOnceHalfUp(t *testing.T) {
	// A multiplier of 0.0000005 makes a Haiku 5.5 cache read (10 nano-dollars)
	// 0.000005 nano-dollars.
	book := mustBook(t, Config{Multiplier: "0.0000005"})
	haiku := func(tokens tollgate.Tokens) tollgate.Money {
		return book.Cost(Bill{Model: "claude-haiku-5-5", At: now, Reading: whole(tollgate.Usage{Tokens: tokens})}).Money
	}
	for _, test := range []struct {
		tokens tollgate.Tokens
		want   tollgate.Money
	}{
		{tollgate.Tokens{CacheRead: 99_999}, 0},                // 0.499995
		{tollgate.Tokens{CacheRead: 100_000}, 1},               // 0.5
		{tollgate.Tokens{Input: 9_999, CacheRead: 10}, 1},      // 0.49995 + 0.00005: each alone would be 0
		{tollgate.Tokens{Input: 29_999, CacheRead: 10}, 2},     // 1.49995 + 0.00005
		{tollgate.Tokens{Input: 29_999, CacheRead: 9}, 1},      // 1.49995 + 0.000045
		{tollgate.Tokens{Input: 9_000, CacheRead: 19_999}, 1},  // 0.45 + 0.099995
		{tollgate.Tokens{Input: 10_000, CacheRead: 90_000}, 1}, // 0.5 + 0.45
	} {
		if got := haiku(test.tokens); got != test.want {
			t.Errorf("%+v: %d, want %d", test.tokens, got, test.want)
		}
	}
	// Iterations, too, are summed before they are rounded: 2 x 0.25.
	quarter := tollgate.Iteration{Type: "message", Model: "claude-haiku-5-5", Tokens: tollgate.Tokens{CacheRead: 50_000}}
	got := book.Cost(Bill{At: now, Reading: whole(tollgate.Usage{Iterations: []tollgate.Iteration{quarter, quarter}})})
	if got.Money != 1 || got.Billed.CacheRead != 100_000 {
		t.Errorf("two quarters are %+v", got)
	}
}

func TestPromise3_TheOperatorsPrices(t *testing.T) {
	config := parseConfig(t, `
multiplier: 0.9
overrides:
  - {upstream: eu, model: eu.anthropic.claude-opus-5-5, input: 4.4, output: 22, cache_write_5m: 5.5, cache_write_1h: 8.8, cache_read: 0.22, from: 2026-11-01}
  - {model: claude-opus-5-5, input: 3, output: 15, cache_write_5m: 3.75, cache_write_1h: 6, cache_read: 0.3}
  - {model: claude-opus-5-5, input: 2, output: 15, cache_write_5m: 3.75, cache_write_1h: 6, cache_read: 0.3, from: 2026-12-01, until: 2027-01-01}
  - {upstream: foundry, model: our-opus, input: 7, output: 7, cache_write_5m: 7, cache_write_1h: 7, cache_read: 7}
  - {model: claude-sonnet-5, input: 4, output: 20, cache_write_5m: 5, cache_write_1h: 8, cache_read: 0.4, prompt_over: 200000}
  - {model: free-model, input: 0, output: 0, cache_write_5m: 0, cache_write_1h: 0, cache_read: 0}
`)
	book := mustBook(t, config)
	for _, test := range []struct {
		upstream, asked, served, day string
		want                         tollgate.Money // a million tokens of input, at 0.9
	}{
		{"eu", "claude-opus-5-5", "", "2026-11-01", cents(396)},
		{"eu", "claude-opus-5-5", "claude-opus-5-5-20260922", "2026-11-01", cents(396)},
		{"eu", "claude-opus-5-5", "", "2026-10-31", cents(270)},
		{"us", "claude-opus-5-5", "", "2026-11-01", cents(270)},
		{"us", "claude-opus-5-5[1m]", "", "2026-12-01", cents(180)},
		{"us", "claude-opus-5-5", "", "2027-01-01", cents(270)},
		{"eu", "claude-opus-5-5", "", "2026-12-15", cents(396)},
		{"foundry", "our-opus", "claude-opus-5-5", "2026-11-01", cents(630)},
		{"foundry", "our-opus", "our-opus", "2026-11-01", cents(630)},
		{"us", "claude-opus-5", "team-deployment", "2026-11-01", cents(450)},
		{"us", "claude-sonnet-5", "", "2026-11-01", cents(360)},
		{"us", "free-model", "", "2026-11-01", 0},
	} {
		cost := book.Cost(Bill{Upstream: test.upstream, Model: test.asked, ServedModel: test.served, At: on(test.day), Reading: whole(tollgate.Usage{Tokens: mega(1, 0, 0, 0, 0)})})
		if cost.Money != test.want || cost.Guessed {
			t.Errorf("%+v: %d %s", test, cost.Money, cost.Guess)
		}
	}
	// The tier of the override leaves shorter prompts to the list.
	short := book.Cost(Bill{Model: "claude-sonnet-5", At: now, Reading: whole(tollgate.Usage{Tokens: tollgate.Tokens{Input: 200_000}})})
	if short.Money != 360_000_000 { // 200,000 x 2,000 x 0.9
		t.Errorf("a short prompt is %d", short.Money)
	}
}

func TestPromise3_AnUnknownPriceIsTheDearest(t *testing.T) {
	book := mustBook(t, Config{})
	// Class by class the list has no higher rates than those of Opus 4:
	// 15 + 18.75 + 30 + 1.50 + 75.
	for name, bill := range map[string]Bill{
		"unknown":                   {Model: "claude-nova-9"},
		"answered by a new model":   {Model: "claude-opus-5-5", ServedModel: "claude-nova-9"},
		"listed without any price":  {Model: "claude-mythos-preview"},
		"nothing is said":           {},
		"unknown in one iteration":  {Model: "claude-opus-5-5", Reading: Reading{Usage: tollgate.Usage{Iterations: []tollgate.Iteration{{Type: "advisor_message", Model: "claude-nova-9"}}}}},
		"unknown and no iterations": {Model: "nova", Reading: Reading{Model: "nova"}},
	} {
		bill.At, bill.Upstream = now, "anthropic"
		bill.Reading.Started, bill.Reading.Finished = true, true
		bill.Reading.Usage.Tokens = mega(1, 1, 1, 1, 1)
		if hops := bill.Reading.Usage.Iterations; len(hops) > 0 {
			hops[0].Tokens = bill.Reading.Usage.Tokens
		}
		cost := book.Cost(bill)
		if cost.Money != cents(14025) || !cost.Guessed || !strings.Contains(cost.Guess, "prices.overrides") {
			t.Errorf("%s: %+v", name, cost)
		}
	}
}

func TestBilledIsWhatTheMoneyIsFor(t *testing.T) {
	cost := mustBook(t, Config{}).Cost(Bill{Model: "claude-opus-5-5", At: now, Reading: whole(tollgate.Usage{
		Tokens: tollgate.Tokens{Input: 5, Output: 5},
		Iterations: []tollgate.Iteration{
			{Type: "message", Model: "claude-opus-5-5", Tokens: tollgate.Tokens{Input: 7}},
			{Type: "compaction", Tokens: tollgate.Tokens{Input: 100, Output: 10}},
			{Type: "fallback_message", Model: "claude-sonnet-5", Tokens: tollgate.Tokens{Input: 5, CacheRead: 3, Output: 5}},
		},
	})})
	if want := (tollgate.Tokens{Input: 105, CacheRead: 3, Output: 15}); cost.Billed != want {
		t.Errorf("billed %+v, want %+v", cost.Billed, want)
	}
}

// TestPromise3_RecomputedWithRationals prices random requests a second time,
// with fractions and from prices.json itself, and holds the cost to be the
// same and never to fall when tokens are added.
func TestPromise3_RecomputedWithRationals(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	book := mustBook(t, Config{Multiplier: "0.873456789"})
	prices, err := readList(priceList)
	if err != nil {
		t.Fatal(err)
	}
	some := func() int64 { return random.Int64N(1 << random.IntN(22)) }
	for range 5000 {
		entry := prices.Models[random.IntN(len(prices.Models))]
		usage := tollgate.Usage{
			Tokens:      tollgate.Tokens{Input: some(), CacheWrite5m: some(), CacheWrite1h: some(), CacheRead: some(), Output: some()},
			WebSearches: random.Int64N(3),
			Speed:       []string{"", "standard", "fast"}[random.IntN(3)],
			Geo:         []string{"", "us", "global"}[random.IntN(3)],
			ServiceTier: []string{"", "standard", "batch"}[random.IntN(3)],
		}
		at := on("2026-09-01").Add(time.Duration(random.Int64N(int64(120 * 24 * time.Hour))))
		bill := Bill{Model: entry.ID, At: at, Reading: whole(usage)}
		got := book.Cost(bill).Money
		if want := rational(entry, usage, at); got != want {
			t.Fatalf("%s at %s, %+v: %d, by fractions %d", entry.ID, at, usage, got, want)
		}
		bill.Reading.Usage.Output += some()
		bill.Reading.Usage.CacheRead += some()
		if more := book.Cost(bill).Money; more < got {
			t.Fatalf("%s: %+v costs %d, less than %d for fewer tokens", entry.ID, bill.Reading.Usage, more, got)
		}
	}
}

// rational is the price in the most obvious arithmetic there is.
func rational(entry listed, usage tollgate.Usage, at time.Time) tollgate.Money {
	number := func(text string) *big.Rat {
		r, ok := new(big.Rat).SetString(text)
		if !ok {
			panic(text)
		}
		return r
	}
	sum := new(big.Rat)
	for _, price := range entry.Prices {
		if price.From != "" && at.Before(on(string(price.From))) || price.Until != "" && !at.Before(on(string(price.Until))) {
			continue
		}
		prompt := usage.Input + usage.CacheWrite5m + usage.CacheWrite1h + usage.CacheRead
		if price.PromptUpTo > 0 && prompt > price.PromptUpTo || price.PromptOver > 0 && prompt <= price.PromptOver {
			continue
		}
		for _, class := range []struct {
			count int64
			rate  Decimal
		}{{usage.Input, price.Input}, {usage.CacheWrite5m, price.CacheWrite5m}, {usage.CacheWrite1h, price.CacheWrite1h}, {usage.CacheRead, price.CacheRead}, {usage.Output, price.Output}} {
			sum.Add(sum, new(big.Rat).Mul(big.NewRat(class.count, 1_000_000), number(string(class.rate))))
		}
		break
	}
	switch {
	case usage.ServiceTier == "batch":
		sum.Mul(sum, number("0.5"))
	case usage.Speed == "fast" && entry.Fast.Multiplier != "" && (entry.Fast.Until == "" || at.Before(on(string(entry.Fast.Until)))):
		sum.Mul(sum, number(string(entry.Fast.Multiplier)))
	}
	if usage.Geo == "us" && entry.InferenceGeoUS != "" {
		sum.Mul(sum, number(string(entry.InferenceGeoUS)))
	}
	sum.Mul(sum, number("0.873456789"))
	sum.Add(sum, new(big.Rat).Mul(big.NewRat(usage.WebSearches, 1), number("0.01")))
	nano := sum.Mul(sum, number("1000000000"))
	nano.Add(nano, number("0.5"))
	return tollgate.Money(new(big.Int).Div(nano.Num(), nano.Denom()).Int64())
}

func TestCostBeyondMoney(t *testing.T) {
	const all = 1_000_000_000_000
	cost := mustBook(t, Config{Multiplier: "10"}).Cost(Bill{Model: "claude-opus-4", At: now, Reading: whole(tollgate.Usage{
		Tokens: tollgate.Tokens{Input: all, CacheWrite5m: all, CacheWrite1h: all, CacheRead: all, Output: 100 * all},
	})})
	if cost.Money != 1_000_000*dollar {
		t.Errorf("%d", cost.Money)
	}
}

func BenchmarkCost(b *testing.B) {
	book := mustBook(b, Config{})
	bill := Bill{Upstream: "anthropic", Model: "claude-opus-5-5", At: now, Operation: tollgate.Messages, Reading: whole(tollgate.Usage{
		Tokens: tollgate.Tokens{Input: 10, CacheWrite5m: 1000, CacheWrite1h: 0, CacheRead: 50_000, Output: 800}, Speed: "standard",
	})}
	bill.Reading.Model = "claude-opus-5-5"
	b.ReportAllocs()
	for b.Loop() {
		book.Cost(bill)
	}
}
