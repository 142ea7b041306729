package proxy

import (
	"net/http"

	"tollgate"
	"tollgate/internal/dialect/messages"
	"tollgate/internal/meter"
)

// bytesPerToken estimates a prompt that no provider has counted.
const bytesPerToken = 4

// settle writes down what the answer consumed and what that costs. An estimate
// of its output stays within what the client has asked for.
func (p *Proxy) settle(s *Snapshot, call tollgate.Call, reading meter.Reading, x *tollgate.Exchange) {
	if x.Status != http.StatusOK || x.Operation != tollgate.Messages {
		return // an error and a count of tokens are free (providers.md 1.8, 2026-11-23)
	}
	reading.OutputEstimate = min(reading.OutputEstimate, outputBound(call))
	x.ServedModel, x.StopReason = messages.Attribute(reading.Model), messages.Attribute(reading.StopReason)
	switch {
	case x.Error != "":
	case reading.Error != "":
		x.Error = errorType(reading.Error)
	case !reading.Finished:
		x.Error = usageMissing
	}
	guess := s.price(reading, x)
	if x.Credential == "" {
		p.Traffic.Served(x)
	}
	if guess != "" {
		p.Log.Error("a price is unknown; the dearest one was used", "request", x.ID, "model", x.Model, "served_model", x.ServedModel, "cost", x.Cost, "guess", guess)
	}
}

// expect is x as it stands if nothing more is ever heard of it. What the
// provider then bills nobody knows here; it is said to be what was held for it,
// so that a budget stays as full as it was.
func (s *Snapshot) expect(x *tollgate.Exchange) *tollgate.Exchange {
	expected := s.estimate(x)
	expected.Cost = max(expected.Cost, x.Held)
	return expected
}

// estimate is x as it stands if its provider answers nothing: what one bills
// that has the request is then its input, by estimate.
func (s *Snapshot) estimate(x *tollgate.Exchange) *tollgate.Exchange {
	estimated := *x
	if x.Operation == tollgate.Messages {
		s.price(meter.Reading{}, &estimated)
	}
	estimated.Estimated = true
	return &estimated
}

// settleAbandoned adds what providers may bill that had the request and did not
// answer: its input, by estimate, once for each. One that could not even be
// sent is free. Where an upstream differs in price, the last one's is taken.
func (p *Proxy) settleAbandoned(s *Snapshot, times int, x *tollgate.Exchange) {
	if times == 0 || x.Operation != tollgate.Messages {
		return
	}
	attempt := s.estimate(x)
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
// input of an answer that is nothing but an error: that one is free. It returns
// what had to be guessed about the price, which is nothing most of the time.
func (s *Snapshot) price(reading meter.Reading, x *tollgate.Exchange) (guess string) {
	failed := reading.Error != "" && !reading.Started && reading.OutputEstimate == 0
	if failed {
		return ""
	}
	if !reading.Started {
		reading.Usage.Input = (x.RequestBytes + bytesPerToken - 1) / bytesPerToken
	}
	usage, estimated := reading.Settled()
	cost := s.Book.Cost(meter.Bill{
		Upstream: x.Upstream, Regional: s.Upstreams[x.Upstream].Regional(x.UpstreamModel),
		Model: x.Model, SentModel: x.UpstreamModel, ServedModel: x.ServedModel,
		At: x.Time, Operation: x.Operation, Reading: reading,
	})
	x.Usage, x.Thought, x.Cost = usage, reading.Thought, cost.Money
	x.Usage.Tokens = cost.Billed
	x.Estimated = estimated || cost.Guessed
	if x.Credential == tollgate.Subscription {
		x.Cost, x.Estimated = 0, estimated // it is paid for elsewhere
		return ""
	}
	return cost.Guess
}
