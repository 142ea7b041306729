package meter

import (
	"testing"

	"tollgate"
)

// published is what the provider published, in thousandths of a dollar for a
// million tokens, written down apart from the list that the product embeds.
// Source: Anthropic's pricing page (snapshot of 8-10 Oct 2026) and release notes
// to 12 Nov 2026, gathered 2026-11-23.
var published = []struct {
	model                                 string
	day                                   string // one on which the price was in force
	prompt                                int64  // tokens
	input, write5m, write1h, read, output int64
	fast                                  int64 // factor in thousandths; 0: there is no speed fast
	us                                    int64 // factor in thousandths, when inference is kept in the US
}{
	{"claude-fable-5-2", "2026-11-23", 0, 8000, 10000, 16000, 200, 40000, 2000, 1100},
	{"claude-fable-5-1", "2026-11-23", 0, 10000, 12500, 20000, 250, 50000, 0, 1100},
	{"claude-fable-5", "2026-11-23", 0, 10000, 12500, 20000, 1000, 50000, 0, 1100},
	{"claude-mythos-5-2", "2026-11-23", 0, 8000, 10000, 16000, 200, 40000, 0, 1100},
	{"claude-mythos-5-1", "2026-11-23", 0, 10000, 12500, 20000, 250, 50000, 0, 1100},
	{"claude-mythos-5", "2026-11-23", 0, 10000, 12500, 20000, 1000, 50000, 0, 1100},
	{"claude-opus-5-5", "2026-11-23", 0, 4000, 5000, 8000, 200, 20000, 2000, 1100},
	{"claude-opus-5", "2026-11-23", 0, 5000, 6250, 10000, 500, 25000, 2000, 1100},
	{"claude-opus-4-8", "2026-11-30", 0, 5000, 6250, 10000, 500, 25000, 2000, 1100},
	{"claude-opus-4-8", "2026-12-01", 0, 5000, 6250, 10000, 500, 25000, 0, 1100},
	{"claude-opus-4-7", "2026-11-23", 0, 5000, 6250, 10000, 500, 25000, 0, 1100},
	{"claude-opus-4-6", "2026-11-23", 0, 5000, 6250, 10000, 500, 25000, 1000, 1100},
	{"claude-opus-4-5-20251101", "2026-11-23", 0, 5000, 6250, 10000, 500, 25000, 0, 1000},
	{"claude-opus-4-1-20250805", "2026-11-23", 0, 15000, 18750, 30000, 1500, 75000, 0, 1000},
	{"claude-opus-4-20250514", "2026-11-23", 0, 15000, 18750, 30000, 1500, 75000, 0, 1000},
	{"claude-sonnet-5-5", "2026-10-06", 0, 2000, 2500, 4000, 200, 10000, 0, 1100},
	{"claude-sonnet-5-5", "2026-10-07", 0, 2000, 2500, 4000, 100, 10000, 0, 1100},
	{"claude-sonnet-5", "2026-11-23", 0, 2000, 2500, 4000, 200, 10000, 0, 1100},
	{"claude-sonnet-4-6", "2026-11-23", 0, 3000, 3750, 6000, 300, 15000, 0, 1100},
	{"claude-sonnet-4-5-20250929", "2026-11-23", 0, 3000, 3750, 6000, 300, 15000, 0, 1000},
	{"claude-sonnet-4-20250514", "2026-11-23", 0, 3000, 3750, 6000, 300, 15000, 0, 1000},
	{"claude-haiku-5-5", "2026-11-23", 0, 100, 125, 200, 10, 500, 0, 1100},
	{"claude-haiku-5-5", "2026-11-23", 100000, 100, 125, 200, 10, 500, 0, 1100},
	{"claude-haiku-5-5", "2026-11-23", 100001, 500, 625, 1000, 50, 2500, 0, 1100},
	{"claude-haiku-4-5-20251001", "2026-11-23", 0, 1000, 1250, 2000, 100, 5000, 0, 1000},
	{"claude-3-5-haiku-20241022", "2026-11-23", 0, 800, 1000, 1600, 80, 4000, 0, 1000},
}

// TestPromise3_EveryListPriceIsThePublishedOne holds each figure of the list to
// what was published, and the list to nothing more and nothing less.
func TestPromise3_EveryListPriceIsThePublishedOne(t *testing.T) {
	const mil = tollgate.Dollar / 1000
	book := mustBook(t, Config{})
	for _, p := range published {
		got := book.rates("anthropic", p.model, on(p.day), p.prompt)
		want := tollgate.Rates{
			Input: tollgate.Money(p.input) * mil, CacheWrite5m: tollgate.Money(p.write5m) * mil, CacheWrite1h: tollgate.Money(p.write1h) * mil,
			CacheRead: tollgate.Money(p.read) * mil, Output: tollgate.Money(p.output) * mil,
		}
		if !got.known || got.Rates != want {
			t.Errorf("%s on %s, prompts of %d: %+v, want %+v", p.model, p.day, p.prompt, got, want)
		}
		tokens := tollgate.Tokens{Input: p.prompt, Output: 1_000_000}
		plain := cost(book, p.model, p.day, tollgate.Usage{Tokens: tokens})
		fast := cost(book, p.model, p.day, tollgate.Usage{Tokens: tokens, Speed: "fast"})
		us := cost(book, p.model, p.day, tollgate.Usage{Tokens: tokens, Geo: "us"})
		if us.Money != plain.Money*tollgate.Money(p.us)/1000 {
			t.Errorf("%s in the US: %v beside %v, want a factor of %d/1000", p.model, us.Money, plain.Money, p.us)
		}
		if none := p.fast == 0; fast.Guessed != none || !none && fast.Money != plain.Money*tollgate.Money(p.fast)/1000 {
			t.Errorf("%s at speed fast on %s: %+v beside %v, want a factor of %d/1000", p.model, p.day, fast, plain.Money, p.fast)
		}
	}
	for _, listed := range book.models {
		if !isPublished(listed.id) {
			t.Errorf("%s is in the list and was not published", listed.id)
		}
	}
	if searches := cost(book, "claude-opus-5-5", "2026-11-23", tollgate.Usage{WebSearches: 1000}).Money; searches != 10*tollgate.Dollar {
		t.Errorf("a thousand web searches cost %v", searches)
	}
	batch := cost(book, "claude-opus-5-5", "2026-11-23", tollgate.Usage{Tokens: mega(1, 0, 0, 0, 0), ServiceTier: "batch"})
	if batch.Money != 2*tollgate.Dollar {
		t.Errorf("a million tokens of a batch cost %v", batch.Money)
	}
}

func isPublished(model string) bool {
	for _, p := range published {
		if p.model == model {
			return true
		}
	}
	return false
}

func cost(book *Book, model, day string, usage tollgate.Usage) Cost {
	return book.Cost(Bill{Upstream: "anthropic", Model: model, At: on(day), Operation: tollgate.Messages, Reading: whole(usage)})
}
