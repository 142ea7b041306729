package proxy

import (
	"errors"
	"net/http"
	"strings"

	"tollgate"
	"tollgate/internal/dialect/messages"
	"tollgate/internal/meter"
	"tollgate/internal/upstream"
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
		kind, _, _ := strings.Cut(reading.Error, ":") // what follows may quote the conversation
		x.Error = errorType(kind)
	case !reading.Finished:
		x.Error = usageMissing
	}
	p.price(s, reading, x)
}

// settleUnanswered writes down a request that got no answer. One that had left
// for the provider, which may have worked on it, is priced by estimate; one
// that could not even be sent is free.
func (p *Proxy) settleUnanswered(s *Snapshot, x *tollgate.Exchange, err error) {
	if errors.Is(err, upstream.ErrReached) && x.Operation == tollgate.Messages {
		p.price(s, meter.Reading{}, x)
	}
}

func (p *Proxy) price(s *Snapshot, reading meter.Reading, x *tollgate.Exchange) {
	if !reading.Started {
		reading.Usage.Input = (x.RequestBytes + bytesPerToken - 1) / bytesPerToken
	}
	usage, estimated := reading.Settled()
	cost := s.Book.Cost(meter.Bill{
		Upstream: x.Upstream, Provider: s.Upstreams[x.Upstream].Provider, Model: x.Model, ServedModel: x.ServedModel,
		At: x.Time, Operation: x.Operation, Reading: reading,
	})
	x.Usage, x.Thought, x.Cost = usage, reading.Thought, cost.Money
	x.Usage.Tokens = cost.Billed
	x.Estimated = estimated || cost.Guessed
	if cost.Guessed {
		p.Log.Error("a price is unknown; the dearest one was used", "request", x.ID, "model", x.Model, "served_model", x.ServedModel, "cost", x.Cost, "guess", cost.Guess)
	}
}
