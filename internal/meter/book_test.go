package meter

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tollgate"
)

// TestPriceList holds the embedded data to be complete and unambiguous.
func TestPriceList(t *testing.T) {
	prices, err := readList(priceList)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{}
	for _, entry := range prices.Models {
		for _, name := range append(entry.Aliases, entry.ID) {
			if other, twice := names[name]; twice {
				t.Errorf("%s is a name of %s and of %s", name, other, entry.ID)
			}
			names[name] = entry.ID
		}
		if entry.DisplayName == "" || entry.Released == "" || prices.Sources[entry.Source] == "" {
			t.Errorf("%s lacks a display name, a day of release or a source", entry.ID)
		}
		checkPrices(t, entry)
	}
	if len(prices.Models) < 20 || prices.AsOf == "" || len(prices.Conflicts) == 0 {
		t.Error("the list is not whole")
	}
}

// checkPrices holds that exactly one price covers each moment and length, that
// none is free, and that all stand in plausible proportions.
func checkPrices(t *testing.T, entry listed) {
	var found problems
	read := entry.model(&found)
	if len(found) > 0 {
		t.Fatal(found)
	}
	moments, prompts := []time.Time{on("2024-01-01"), on("2030-01-01")}, []int64{0, 1 << 40}
	for _, price := range read.prices {
		moments = append(moments, price.From, price.Until, price.From.Add(-1), price.Until.Add(-1))
		prompts = append(prompts, price.PromptOver, price.PromptOver+1, price.PromptUpTo, price.PromptUpTo+1)
		r := price.Rates
		if r.Input <= 0 || r.CacheRead <= 0 || r.Output <= r.Input || r.CacheWrite5m*4 != r.Input*5 || r.CacheWrite1h != 2*r.Input || r.CacheRead >= r.Input {
			t.Errorf("%s: odd rates %+v", entry.ID, r)
		}
	}
	for _, at := range moments {
		if at.Year() < 2000 {
			continue // the edge of a price without one
		}
		for _, prompt := range prompts {
			covers := 0
			for _, price := range read.prices {
				if price.Covers(at, prompt) {
					covers++
				}
			}
			if covers != 1 {
				t.Errorf("%s has %d prices for a prompt of %d at %s", entry.ID, covers, prompt, at)
			}
		}
	}
}

func TestPriceListIsReadStrictly(t *testing.T) {
	for _, broken := range []string{`{"modles": []}`, `{"models": [{"id": "m", "prices": [{"inptu": "1"}]}]}`, `{"batch": 0.5}`, `{`} {
		if _, err := readList([]byte(broken)); err == nil {
			t.Errorf("%s was accepted", broken)
		}
	}
}

func TestSpellingsOfAName(t *testing.T) {
	book := mustBook(t, Config{})
	for want, spellings := range map[string][]string{
		"claude-opus-5-5": {
			"claude-opus-5-5", "claude-opus-5-5[1m]", "claude-opus-5-5-20260922", "anthropic.claude-opus-5-5", "eu.anthropic.claude-opus-5-5",
			"global.anthropic.claude-opus-5-5", "us-gov.anthropic.claude-opus-5-5", "claude-opus-5-5@20260922", "claude-opus-5-5@default",
			"arn:aws:bedrock:eu-central-1:123456789012:inference-profile/eu.anthropic.claude-opus-5-5",
			"publishers/anthropic/models/claude-opus-5-5", "anthropic.claude-opus-5-5[1m]",
		},
		"claude-opus-4-6": {"claude-opus-4-6", "anthropic.claude-opus-4-6-v1", "us.anthropic.claude-opus-4-6-v1"},
		"claude-opus-4-5-20251101": {
			"claude-opus-4-5", "claude-opus-4-5-20251101", "claude-opus-4-5@20251101", "global.anthropic.claude-opus-4-5-20251101-v1:0",
		},
		"claude-haiku-4-5-20251001":  {"claude-haiku-4-5", "anthropic.claude-haiku-4-5", "us.anthropic.claude-haiku-4-5-20251001-v1:0"},
		"claude-opus-4-20250514":     {"claude-opus-4-0", "claude-opus-4", "claude-opus-4@20250514"},
		"claude-3-5-haiku-20241022":  {"claude-3-5-haiku-latest", "claude-3-5-haiku", "claude-3-5-haiku@20241022"},
		"claude-sonnet-4-5-20250929": {"claude-sonnet-4-5", "claude-sonnet-4-5[1m]"},
	} {
		for _, spelling := range spellings {
			if known := book.lookup(spelling); known == nil || known.id != want {
				t.Errorf("%q is not found to be %s, but %v", spelling, want, known)
			}
			if !book.Knows("anywhere", spelling, now) {
				t.Errorf("no price is known for %q", spelling)
			}
		}
	}
	for _, stranger := range []string{"", "claude", "claude-opus-5-6", "claude-opus-55", "gpt-5", "claude-opus-5-5x", "xanthropic.claude-opus-5-5", "claude-mythos-preview", "-20260922", "[1m]"} {
		if book.Knows("anthropic", stranger, now) {
			t.Errorf("a price is known for %q", stranger)
		}
	}
}

func TestKnowsOverrides(t *testing.T) {
	book := mustBook(t, parseConfig(t, `
overrides:
  - {upstream: lab, model: claude-nova-9, input: 1, output: 5, cache_write_5m: 1.25, cache_write_1h: 2, cache_read: 0.1, from: 2026-12-01, until: 2026-12-24, prompt_over: 10}`))
	for _, test := range []struct {
		upstream, model, day string
		want                 bool
	}{
		{"lab", "claude-nova-9", "2026-12-01", true},
		{"lab", "claude-nova-9-20261201", "2026-12-23", true},
		{"lab", "eu.anthropic.claude-nova-9[1m]", "2026-12-23", true},
		{"lab", "claude-nova-9", "2026-11-30", false},
		{"lab", "claude-nova-9", "2026-12-24", false},
		{"anthropic", "claude-nova-9", "2026-12-01", false},
		{"lab", "claude-nova-8", "2026-12-01", false},
	} {
		if got := book.Knows(test.upstream, test.model, on(test.day)); got != test.want {
			t.Errorf("%+v: %v", test, got)
		}
	}
	// The dearest price looks at what the upstream is known to charge.
	if top := book.dearest("lab", on("2026-12-01"), 100); top.Input != 15*dollar {
		t.Errorf("the dearest input is %d", top.Input)
	}
}

func TestTheDearestCountsOverrides(t *testing.T) {
	book := mustBook(t, parseConfig(t, `
overrides: [{upstream: lab, model: claude-nova-9, input: 100, output: 1, cache_write_5m: 1, cache_write_1h: 1, cache_read: 1}]`))
	if here, there := book.dearest("lab", now, 0), book.dearest("anthropic", now, 0); here.Input != 100*dollar || here.Output != 75*dollar || there.Input != 15*dollar {
		t.Errorf("%+v, elsewhere %+v", here, there)
	}
}

func TestNewBookRefusesAWrongConfig(t *testing.T) {
	if book, found := NewBook(Config{Multiplier: "-1", Unknown: "x"}); book != nil || len(found) != 2 {
		t.Errorf("%v %v", book, found)
	}
}

func TestModels(t *testing.T) {
	models := mustBook(t, Config{}).Models()
	ids := make([]string, len(models))
	for i, model := range models {
		ids[i] = model.ID
		if i > 0 && model.Created.After(models[i-1].Created) {
			t.Errorf("%s is newer than %s before it", model.ID, ids[i-1])
		}
		if model.DisplayName == "" || model.Created.IsZero() {
			t.Errorf("%s lacks a name or a day", model.ID)
		}
	}
	for _, id := range []string{"claude-fable-5-2", "claude-opus-5-5", "claude-haiku-4-5-20251001"} {
		if !slices.Contains(ids, id) {
			t.Errorf("%s is not in %s", id, strings.Join(ids, " "))
		}
	}
	if slices.Contains(ids, "claude-opus-4-20250514") {
		t.Error("a retired model is listed")
	}
}

func ExampleBook_Cost() {
	book, _ := NewBook(Config{Multiplier: "0.9"})
	cost := book.Cost(Bill{
		Upstream: "anthropic",
		Model:    "claude-opus-5-5",
		At:       time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC),
		Reading:  Reading{Usage: tollgate.Usage{Tokens: tollgate.Tokens{Input: 1000, Output: 200}}, Started: true, Finished: true},
	})
	fmt.Println(cost.Money)
	// Output: $0.0072
}
