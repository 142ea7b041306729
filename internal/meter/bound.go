package meter

import (
	"cmp"
	"math"
	"time"

	"tollgate"
)

// Order is what can be known of a request's price before it is sent.
type Order struct {
	Places   []Place  // that it may be sent to
	Models   []string // that may answer it
	At       time.Time
	Input    int64 // tokens, at most
	Output   int64 // tokens, at most
	Searches int64 // on the web, at most
	Fast     bool  // it asks for speed fast
}

// Place is where a request may run.
type Place struct {
	Upstream string // the configured name
	Regional bool   // as in a Bill
}

// Most is the most that one attempt at a request can cost: all input at the
// dearest class that it could be of, all output, at the dearest of the models
// and upstreams and at every length the prompt could have, with every factor
// that could apply. It is at or above what
// Cost makes of any usage within these bounds.
func (b *Book) Most(o Order) tollgate.Money {
	var most float64
	for _, place := range o.Places {
		for _, name := range o.Models {
			most = max(most, b.most(o, place, name, o.Input))
			for _, prompt := range b.lengths {
				if prompt < o.Input {
					most = max(most, b.most(o, place, name, prompt))
				}
			}
		}
	}
	// A float64 is exact to 16 digits; the margin is far above its error.
	return money(most*(1+1e-9) + float64(o.Searches)*float64(b.webSearch) + 1)
}

func (b *Book) most(o Order, place Place, name string, prompt int64) float64 {
	rates := b.rates(place.Upstream, name, o.At, prompt)
	input := max(rates.Input, rates.CacheWrite5m, rates.CacheWrite1h, rates.CacheRead)
	return b.factor(o, place, name) * (float64(o.Input)*float64(input) + float64(o.Output)*float64(rates.Output)) / 1e6
}

// factor is the largest that can apply to tokens of a model.
func (b *Book) factor(o Order, place Place, name string) float64 {
	model := cmp.Or(b.lookup(name), unlisted)
	where := max(1, factorOf(model.geoUS))
	if place.Regional {
		where = max(where, factorOf(model.regional))
	}
	factor := b.operatorsAt(place) * where
	if o.Fast {
		fast, _ := model.fastAt(o.At)
		factor *= max(1, factorOf(fast))
	}
	return factor
}

// Guess is about what an order costs whose figures are not bounds but guesses:
// uncached input, at the first place and model.
func (b *Book) Guess(o Order) tollgate.Money {
	place, name := o.Places[0], o.Models[0]
	rates := b.rates(place.Upstream, name, o.At, o.Input)
	factor := b.operatorsAt(place)
	if place.Regional && !rates.own {
		factor *= factorOf(cmp.Or(b.lookup(name), unlisted).regional)
	}
	tokens := float64(o.Input)*float64(rates.Input) + float64(o.Output)*float64(rates.Output)
	return money(factor * tokens / 1e6)
}

// operatorsAt is the operator's factor at a place.
func (b *Book) operatorsAt(place Place) float64 {
	return factorOf(b.multiplier) * factorOf(b.multiplierAt(place.Upstream))
}

func factorOf(billionths int64) float64 { return float64(billionths) / float64(unit) }

// money is an amount of nano-dollars, at most what Money holds.
func money(nano float64) tollgate.Money {
	if nano >= math.MaxInt64 {
		return math.MaxInt64
	}
	return tollgate.Money(math.Ceil(nano))
}
