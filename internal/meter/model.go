package meter

import (
	"time"

	"tollgate"
)

// model is a listed model, ready to be looked up.
type model struct {
	id, displayName string
	released        time.Time
	retired         bool
	prices          []tollgate.Price
	fast            int64     // in billionths; 0: the model has no speed fast
	fastUntil       time.Time // exclusive; zero: for ever
	geoUS           int64     // in billionths
	regional        int64     // in billionths, at a cloud that keeps it in a region
}

// unlisted stands for a model that only the operator or nobody has a price
// for. Its factors are those of the newest listed models, where unknown to be
// lower.
var unlisted = &model{fast: 2 * unit, geoUS: unit + unit/10, regional: unit + unit/10}

// fastAt is the factor of speed fast. ok is false when no price for it is
// known at this moment.
func (m *model) fastAt(at time.Time) (factor int64, ok bool) {
	if m.fast == 0 || !m.fastUntil.IsZero() && !at.Before(m.fastUntil) {
		return unit, false
	}
	return m.fast, true
}

// inForce says whether any of the prices holds at this moment, whatever the
// prompt's length.
func inForce(prices []tollgate.Price, at time.Time) bool {
	for _, price := range prices {
		price.PromptOver, price.PromptUpTo = 0, 0
		if price.Covers(at, 0) {
			return true
		}
	}
	return false
}

// covering finds the price for a prompt of this length at this moment.
func covering(prices []tollgate.Price, at time.Time, prompt int64) (tollgate.Rates, bool) {
	for _, price := range prices {
		if price.Covers(at, prompt) {
			return price.Rates, true
		}
	}
	return tollgate.Rates{}, false
}
