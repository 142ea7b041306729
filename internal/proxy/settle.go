package proxy

import (
	"net/http"

	"tollgate"
	"tollgate/internal/dialect/messages"
	"tollgate/internal/meter"
)

// bytesPerToken estimates a prompt that no provider has counted.
const bytesPerToken = 4

// settle writes down what the answer consumed and what that costs.
func (p *Proxy) settle(s *Snapshot, reading meter.Reading, x *tollgate.Exchange) {
	if x.Status != http.StatusOK || x.Operation != tollgate.Messages {
		return // an error and a count of tokens are free (providers.md 1.8, 2026-11-23)
	}
	x.ServedModel, x.StopReason = messages.Attribute(reading.Model), messages.Attribute(reading.StopReason)
	switch {
	case x.Error != "":
	case reading.Error != "":
		x.Error = errorType(reading.Error)
	case !reading.Finished:
		x.Error = usageMissing
	}
	p.price(s, reading, x)
}

// settleAbandoned adds what providers may bill that had the request and did not
// answer: its input, by estimate, once for each. One that could not even be
// sent is free. Where an upstream differs in price, the last one's is taken.
func (p *Proxy) settleAbandoned(s *Snapshot, times int, x *tollgate.Exchange) {
	if times == 0 || x.Operation != tollgate.Messages {
		return
	}
	attempt := *x
	p.price(s, meter.Reading{}, &attempt)
	for range times {
		x.Usage.Tokens = x.Usage.Tokens.Add(attempt.Usage.Tokens)
		x.Cost += attempt.Cost
	}
	x.Estimated = true
	if x.Error == "" {
		x.Error = attemptAbandoned
	}
}

// price makes money of a reading. What nobody said is estimated, but not the
// input of an answer that is nothing but an error: that one is free.
func (p *Proxy) price(s *Snapshot, reading meter.Reading, x *tollgate.Exchange) {
	failed := reading.Error != "" && !reading.Started && reading.OutputEstimate == 0
	if failed {
		return
	}
	if !reading.Started {
		reading.Usage.Input = (x.RequestBytes + bytesPerToken - 1) / bytesPerToken
	}
	usage, estimated := reading.Settled()
	cost := s.Book.Cost(meter.Bill{
		Upstream: x.Upstream, Model: x.Model, ServedModel: x.ServedModel,
		At: x.Time, Operation: x.Operation, Reading: reading,
	})
	x.Usage, x.Thought, x.Cost = usage, reading.Thought, cost.Money
	x.Usage.Tokens = cost.Billed
	x.Estimated = estimated || cost.Guessed
	if cost.Guessed {
		p.Log.Error("a price is unknown; the dearest one was used", "request", x.ID, "model", x.Model, "served_model", x.ServedModel, "cost", x.Cost, "guess", cost.Guess)
	}
}
