package proxy

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"tollgate"
	"tollgate/internal/dialect/messages"
	"tollgate/internal/journal"
	"tollgate/internal/payload"
	"tollgate/internal/upstream"
)

// errFirstByte is why an attempt is given up whose answer does not begin.
var errFirstByte = errors.New("the answer did not begin within first_byte")

// send tries the targets in order until one answers, whatever the answer's
// status. The exchange names the last one tried; abandoned is how many had the
// request and did not answer, each of which may bill it. Errors are refusals.
func (p *Proxy) send(ctx context.Context, s *Snapshot, call tollgate.Call, body *payload.Payload, targets []tollgate.Target, x *tollgate.Exchange, granted *admission) (response *http.Response, abandoned int, failed error) {
	for _, target := range targets {
		if err := p.again(ctx, abandoned, x, granted); err != nil {
			return nil, abandoned, err
		}
		response, err := p.attempt(ctx, s, call, body, target, x, granted)
		if err == nil {
			return response, abandoned, nil
		}
		if errors.Is(err, upstream.ErrReached) {
			abandoned++
		}
		if errors.Is(err, payload.ErrNoRoom) {
			return nil, abandoned, p.full("max_body_bytes_in_flight", p.room.bodies.Stats())
		}
		if gone := context.Cause(ctx); gone != nil {
			return nil, abandoned, tollgate.Errorf(tollgate.ClientGone, "the client hung up before the answer began").Because(errors.Join(gone, err))
		}
		if errors.Is(err, journal.ErrUnable) {
			return nil, abandoned, err // so it would be with any upstream
		}
		x.Failed = append(x.Failed, tollgate.Attempt{Upstream: x.Upstream, Model: x.UpstreamModel, Ended: p.Now().Sub(x.Time), Why: whyFailed(err)})
		failed = errors.Join(failed, fmt.Errorf("upstream %s: %w", target.Upstream, err))
	}
	return nil, abandoned, tollgate.Errorf(tollgate.Overloaded, "the model provider does not answer this gateway just now; try again in a moment").Because(failed)
}

// attempt sends the call to one target. The journal has it before the target
// does, and has it on the disk before the answer is returned, which takes less
// time than any answer. The answer's body lives as long as ctx.
func (p *Proxy) attempt(ctx context.Context, s *Snapshot, call tollgate.Call, body *payload.Payload, target tollgate.Target, x *tollgate.Exchange, granted *admission) (*http.Response, error) {
	before := destinationOf(x)
	x.Upstream, x.UpstreamModel = target.Upstream, messages.Attribute(target.Model)
	outgoing, splices := messages.Address(body.Bytes(), call, target.Model)
	x.Splices, x.ForwardedDigest = splices, x.RequestDigest
	if len(splices) > 0 {
		x.ForwardedDigest = requestDigest(outgoing)
		edited, err := body.Edited(outgoing)
		if err != nil {
			before.restore(x)
			return nil, err
		}
		defer edited.Release()
		body = edited
	}
	ticket, err := p.Journal.Begin(s.expect(x))
	granted.pass.leave()
	if err != nil {
		before.restore(x)
		return nil, err
	}
	ctx, giveUp := context.WithCancelCause(ctx)
	to := s.Upstreams[target.Upstream]
	late := time.AfterFunc(to.FirstByte, func() { giveUp(errFirstByte) })
	given := time.Now()
	response, err := to.Send(ctx, call, body)
	x.Timing.Waited += time.Since(given)
	if !late.Stop() && err == nil {
		_ = response.Body.Close() // it came a moment too late: its context has ended
		err = upstream.ErrReached
	}
	if err == nil {
		if err = ticket.Durable(ctx); err == nil {
			return response, nil
		}
		_ = response.Body.Close() // nobody will see it
		err = fmt.Errorf("%w: %w", upstream.ErrReached, err)
	}
	if errors.Is(context.Cause(ctx), errFirstByte) {
		err = fmt.Errorf("%w: %w", errFirstByte, err)
	}
	giveUp(err)
	return nil, err
}

// destination is what an exchange says of where it went. It says so only of
// what was tried.
type destination struct {
	upstream, model, digest string
	splices                 []string
}

func destinationOf(x *tollgate.Exchange) destination {
	return destination{x.Upstream, x.UpstreamModel, x.ForwardedDigest, x.Splices}
}

func (d destination) restore(x *tollgate.Exchange) {
	x.Upstream, x.UpstreamModel, x.ForwardedDigest, x.Splices = d.upstream, d.model, d.digest, d.splices
}
