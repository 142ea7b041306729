package proxy

import (
	"tollgate"
	"tollgate/internal/dialect/messages"
	"tollgate/internal/jsonedit"
	"tollgate/internal/meter"
)

// What bounds the tokens of a request that its bytes do not bound
// (providers.md 1.7 and 7, 2026-11-23).
const (
	unseenPrompt  = 5_000     // tokens that a provider puts before a prompt by itself, for the tools it has described included
	largestPrompt = 1_000_000 // tokens, of any model
	largestImage  = 5_000     // tokens, whatever its bytes
	mostOutput    = 300_000   // tokens, of any model; where the client names no max_tokens
	mostSearches  = 20        // on the web, for one request
)

// most is the most that one attempt at a request can cost. No token is shorter
// than a byte, but for those of an image. A target's own name for the model may
// be that of another one in the price book.
func (s *Snapshot) most(call tollgate.Call, body *jsonedit.Object, targets []tollgate.Target, x *tollgate.Exchange) tollgate.Money {
	reach := messages.ReachOf(body)
	order := s.orderOf(call, targets, x)
	order.Models = append(order.Models, reach.Models...)
	for _, target := range targets {
		order.Models = append(order.Models, target.Model)
	}
	order.Fast = reach.Fast
	order.Input = int64(len(body.Bytes())) + unseenPrompt + int64(reach.Images)*largestImage
	order.Output = outputBound(call)
	if reach.Beyond {
		order.Input, order.Searches = max(order.Input, largestPrompt), mostSearches
	}
	return s.Book.Most(order)
}

// outputBound is the most tokens that an answer can have.
func outputBound(call tollgate.Call) int64 {
	if call.MaxTokens <= 0 {
		return mostOutput
	}
	return call.MaxTokens
}

// usualOutput is what an answer has of tokens while nothing is known of such.
const usualOutput = 1_000

// guess is about what a request costs of whose kind nothing is known.
func (s *Snapshot) guess(call tollgate.Call, body *jsonedit.Object, targets []tollgate.Target, x *tollgate.Exchange) tollgate.Money {
	order := s.orderOf(call, targets, x)
	order.Input = int64(len(body.Bytes())) / bytesPerToken
	order.Output = min(max(call.MaxTokens, 1), usualOutput)
	return s.Book.Guess(order)
}

func (s *Snapshot) orderOf(call tollgate.Call, targets []tollgate.Target, x *tollgate.Exchange) meter.Order {
	order := meter.Order{Models: []string{call.Model}, At: x.Time}
	for _, target := range targets {
		regional := s.Upstreams[target.Upstream].Regional(target.Model)
		order.Places = append(order.Places, meter.Place{Upstream: target.Upstream, Regional: regional})
	}
	return order
}
