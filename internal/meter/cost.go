package meter

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"time"

	"tollgate"
)

// Bill is what a price depends on.
type Bill struct {
	Upstream    string // the configured name
	Regional    bool   // it ran where a cloud asks more for keeping it in a region
	Model       string // as asked for
	SentModel   string // as the upstream was asked for it
	ServedModel string // as the answer names it, when the Reading does not
	At          time.Time
	Operation   tollgate.Operation
	Reading     Reading
}

// Cost is what a request cost.
type Cost struct {
	Money   tollgate.Money
	Billed  tollgate.Tokens // what the money is for: summed over iterations, without what was free
	Guessed bool            // a price was not known
	Guess   string          // a sentence for the log that says which, and what to do
}

// Cost prices a request by the provider's own figures, exactly, and rounds
// once, half up, to the nano-dollar. The rules are those of providers.md 1.8,
// 2026-11-23; docs/design/money.md has them in our words. An amount beyond
// mostCost becomes that.
func (b *Book) Cost(bill Bill) Cost {
	if bill.free() {
		return Cost{}
	}
	usage, _ := bill.Reading.Settled()
	var cost Cost
	total := new(big.Int)
	for _, hop := range b.hops(bill, usage) {
		t := b.tariff(bill, hop, usage)
		if t.guess != "" && !cost.Guessed {
			cost.Guessed, cost.Guess = true, t.guess
		}
		cost.Billed = cost.Billed.Add(hop.Tokens)
		total.Add(total, t.cost(hop.Tokens))
	}
	total.Mul(total, b.operators(bill.Upstream))
	total.Add(total, b.searches(usage.WebSearches))
	cost.Money = round(total)
	return cost
}

// free says that the provider charges nothing: counting tokens, and a refusal
// before any output. A hop before the refusal that did put something out is
// billed all the same.
func (b Bill) free() bool {
	putOut := func(hop tollgate.Iteration) bool { return hop.Output > 0 }
	return b.Operation == tollgate.CountTokens ||
		b.Reading.StopReason == refusal && b.Reading.Empty && !slices.ContainsFunc(b.Reading.Usage.Iterations, putOut)
}

const refusal = "refusal"

// hops are the parts of the request that are billed at a model's rates of
// their own, each under the name whose price holds.
func (b *Book) hops(bill Bill, usage tollgate.Usage) []tollgate.Iteration {
	if len(usage.Iterations) == 0 {
		served := cmp.Or(bill.Reading.Model, bill.ServedModel)
		return []tollgate.Iteration{{Model: b.billedAs(bill, served), Tokens: usage.Tokens}}
	}
	hops := make([]tollgate.Iteration, 0, len(usage.Iterations))
	for i, hop := range usage.Iterations {
		if declined(usage.Iterations[i:], bill.Reading.StopReason) {
			continue
		}
		hop.Model = b.billedAs(bill, hop.Model)
		hops = append(hops, hop)
	}
	return hops
}

// declined says whether the first of these hops refused before any output,
// which is free: another model then took over, or the whole request ended as
// a refusal.
func declined(hops []tollgate.Iteration, stopReason string) bool {
	if hops[0].Output > 0 || hops[0].Type != "message" && hops[0].Type != fallbackHop {
		return false
	}
	for _, later := range hops[1:] {
		if later.Type == fallbackHop {
			return true
		}
	}
	return stopReason == refusal
}

const fallbackHop = "fallback_message"

// billedAs picks the name whose price holds: the one that answered, unless
// that name means nothing to the book and the one that was asked for does. An
// answer from a model of the family that the book does not know stays unknown.
// A name of the operator's own, such as a deployment, keeps the price that the
// operator gave it, be it the client's word for the model or the upstream's.
func (b *Book) billedAs(bill Bill, served string) string {
	asked := bill.Model
	switch {
	case served == "" && b.Knows(bill.Upstream, asked, bill.At):
		return asked
	case served == "":
		return cmp.Or(bill.Reading.Model, bill.ServedModel, asked)
	case served == asked:
		return served
	case b.lookup(asked) == nil && b.Knows(bill.Upstream, asked, bill.At):
		return asked
	case b.lookup(bill.SentModel) == nil && b.Knows(bill.Upstream, bill.SentModel, bill.At):
		return bill.SentModel
	case b.Knows(bill.Upstream, served, bill.At) || tollgate.ParseModel(served).Claude():
		return served
	}
	return asked
}

// tariff is what the tokens of one hop cost.
type tariff struct {
	tollgate.Rates
	speed, geo int64  // factors, in billionths; speed is a batch's factor too
	guess      string // not empty: some price was not known
}

// tariff looks up the rates and factors of one hop.
func (b *Book) tariff(bill Bill, hop tollgate.Iteration, usage tollgate.Usage) tariff {
	price := b.rates(bill.Upstream, hop.Model, bill.At, hop.Prompt())
	t := tariff{Rates: price.Rates, speed: unit, geo: unit}
	if !price.known {
		t.guess = fmt.Sprintf("no price is known for model %q at upstream %q, so the dearest known price was charged; add it to prices.overrides", clip(hop.Model), bill.Upstream)
	}
	model := cmp.Or(b.lookup(hop.Model), unlisted)
	if usage.Geo == "us" {
		t.geo = model.geoUS
	}
	if bill.Regional && !price.own {
		t.geo = max(t.geo, model.regional) // either is for where it ran, and is asked once
	}
	switch {
	case usage.ServiceTier == "batch": // never together with speed fast
		t.speed = b.batch
	case usage.Speed == "fast":
		var known bool
		if t.speed, known = model.fastAt(bill.At); !known {
			t.guess = cmp.Or(t.guess, fmt.Sprintf("no price is known for model %q at speed fast, so its standard price was charged; a newer price list may have one", clip(hop.Model)))
		}
	}
	return t
}

// The scale of a sum: rates are per million tokens, and each of the four factors
// (speed or batch, geography, the operator's two) is in billionths.
var (
	scale     = new(big.Int).Mul(big.NewInt(1_000_000), new(big.Int).Exp(big.NewInt(unit), big.NewInt(4), nil))
	halfScale = new(big.Int).Rsh(scale, 1)
)

// cost is exact, in nano-dollars times the scale, but for the operator's
// factors.
func (t tariff) cost(tokens tollgate.Tokens) *big.Int {
	var count, rate, term big.Int
	sum := new(big.Int)
	for _, class := range [...]struct {
		count int64
		rate  tollgate.Money
	}{
		{tokens.Input, t.Input},
		{tokens.CacheWrite5m, t.CacheWrite5m},
		{tokens.CacheWrite1h, t.CacheWrite1h},
		{tokens.CacheRead, t.CacheRead},
		{tokens.Output, t.Output},
	} {
		sum.Add(sum, term.Mul(count.SetInt64(class.count), rate.SetInt64(int64(class.rate))))
	}
	sum.Mul(sum, count.SetInt64(t.speed))
	return sum.Mul(sum, count.SetInt64(t.geo))
}

// searches is what web searches cost, in nano-dollars times the scale. No
// factor applies to them: factors are on tokens.
func (b *Book) searches(n int64) *big.Int {
	sum := new(big.Int).Mul(big.NewInt(n), big.NewInt(int64(b.webSearch)))
	return sum.Mul(sum, scale)
}

// mostCost is more than any answer costs. It keeps the sums of what a provider
// says without reason, in memory and in the database, within what Money holds.
const mostCost = 1_000_000 * tollgate.Dollar

// round takes the scale off, half up.
func round(scaled *big.Int) tollgate.Money {
	nano := scaled.Add(scaled, halfScale)
	nano.Quo(nano, scale)
	if !nano.IsInt64() {
		return mostCost
	}
	return min(tollgate.Money(nano.Int64()), mostCost)
}
