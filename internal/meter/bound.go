package meter

import (
	"cmp"
	"math"
	"time"

	"tollgate"
)

// Order is what can be known of a request's price before it is sent.
type Order struct {
	Upstreams []string // that it may be sent to
	Models    []string // that may answer it
	At        time.Time
	Input     int64 // tokens, at most
	Output    int64 // tokens, at most
	Searches  int64 // on the web, at most
	Fast      bool  // it asks for speed fast
}

// Most is the most that one attempt at a request can cost: all input at the
// dearest class that it could be of, all output, at the dearest of the models
// and upstreams and at every length the prompt could have, with every factor
// that could apply. It is at or above what
// Cost makes of any usage within these bounds.
func (b *Book) Most(o Order) tollgate.Money {
	var most float64
	for _, upstream := range o.Upstreams {
		for _, name := range o.Models {
			most = max(most, b.most(o, upstream, name, o.Input))
			for _, prompt := range b.lengths {
				if prompt < o.Input {
					most = max(most, b.most(o, upstream, name, prompt))
				}
			}
		}
	}
	// A float64 is exact to 16 digits; the margin is far above its error.
	return money(most*(1+1e-9) + float64(o.Searches)*float64(b.webSearch) + 1)
}

func (b *Book) most(o Order, upstream, name string, prompt int64) float64 {
	rates, known := b.rates(upstream, name, o.At, prompt)
	if !known {
		rates = b.dearest(upstream, o.At, prompt)
	}
	input := max(rates.Input, rates.CacheWrite5m, rates.CacheWrite1h, rates.CacheRead)
	return b.factor(o, name) * (float64(o.Input)*float64(input) + float64(o.Output)*float64(rates.Output)) / 1e6
}

// factor is the largest that can apply to tokens of a model.
func (b *Book) factor(o Order, name string) float64 {
	model := cmp.Or(b.lookup(name), unlisted)
	factor := factorOf(b.multiplier) * max(1, factorOf(model.geoUS))
	if o.Fast {
		fast, _ := model.fastAt(o.At)
		factor *= max(1, factorOf(fast))
	}
	return factor
}

// Guess is about what an order costs whose figures are not bounds but guesses:
// uncached input, at the first upstream and model.
func (b *Book) Guess(o Order) tollgate.Money {
	rates, known := b.rates(o.Upstreams[0], o.Models[0], o.At, o.Input)
	if !known {
		rates = b.dearest(o.Upstreams[0], o.At, o.Input)
	}
	tokens := float64(o.Input)*float64(rates.Input) + float64(o.Output)*float64(rates.Output)
	return money(factorOf(b.multiplier) * tokens / 1e6)
}

func factorOf(billionths int64) float64 { return float64(billionths) / float64(unit) }

// money is an amount of nano-dollars, at most what Money holds.
func money(nano float64) tollgate.Money {
	if nano >= math.MaxInt64 {
		return math.MaxInt64
	}
	return tollgate.Money(math.Ceil(nano))
}
