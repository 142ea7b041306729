package proxy

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"tollgate"
	"tollgate/internal/journal"
	"tollgate/internal/payload"
	"tollgate/internal/route"
	"tollgate/internal/upstream"
)

// send tries the targets in order, each once, until one serves: an answer that
// another upstream may better is put aside, and the most telling of those is
// returned when all have failed. The exchange names the upstream of what is
// returned, or the last one tried; abandoned is how many had the request and did
// not answer, each of which may bill it. ctx is that of the exchange, which may
// outlive the client's; for a client that is gone nobody else is tried. Errors
// are refusals.
func (p *Proxy) send(ctx, client context.Context, s *Snapshot, call tollgate.Call, body *body, targets []tollgate.Target, x *tollgate.Exchange, granted *admission) (found *answer, abandoned int, failed error) {
	var unfit error // of the first target that cannot serve such a call at all
	for i, target := range targets {
		if err := p.again(ctx, abandoned, x, granted); err != nil {
			return nil, abandoned, found.forget(err)
		}
		got, err := p.attempt(ctx, s, call, body, target, x, granted)
		early := err == nil && !got.movesOn() && i < len(targets)-1 && got.failsEarly()
		if early && got.broke != nil {
			err = fmt.Errorf("%w: %w", upstream.ErrReached, got.forget(got.broke))
		}
		switch {
		case err == nil && !got.movesOn() && !early:
			p.fared(x, target, nil)
			_ = found.forget(nil)
			return got, abandoned, nil
		case err == nil:
			how := route.Failure{Status: got.status(), RetryAfter: got.retryAfter(p.Now()), Why: fmt.Sprint("status_", got.status())}
			p.fared(x, target, &how)
			if i == len(targets)-1 && found == nil {
				return got, abandoned, nil
			}
			p.moveOn(x, how.Why, nil)
			p.tellRefusedCredential(got.status(), x)
			if cut := got.putAside(); cut != nil {
				failed = errors.Join(failed, fmt.Errorf("upstream %s: %w", target.Upstream, cut))
			} else {
				found = moreTelling(found, got)
			}
		case errors.Is(err, errUnfit):
			unfit = errors.Join(unfit, err)
			continue
		case errors.Is(err, payload.ErrNoRoom):
			return nil, abandoned, found.forget(p.full("max_body_bytes_in_flight", p.room.bodies.Stats()))
		case errors.Is(err, upstream.ErrReached):
			abandoned++
		}
		if gone := cmp.Or(context.Cause(ctx), context.Cause(client)); gone != nil {
			return nil, abandoned, found.forget(tollgate.Errorf(tollgate.ClientGone, "the client hung up before the answer began").Because(errors.Join(gone, err)))
		}
		if errors.Is(err, journal.ErrUnable) {
			return nil, abandoned, found.forget(err) // so it would be with any upstream
		}
		if err != nil {
			p.fared(x, target, &route.Failure{Why: whyFailed(err)})
			p.moveOn(x, whyFailed(err), err)
			failed = errors.Join(failed, fmt.Errorf("upstream %s: %w", target.Upstream, err))
		}
	}
	if found != nil {
		found.from.restore(x)
		return found, abandoned, nil
	}
	if failed == nil && unfit != nil {
		return nil, abandoned, unfit
	}
	return nil, abandoned, tollgate.Errorf(tollgate.Overloaded, "the model provider does not answer this gateway just now; try again in a moment").Because(failed)
}

// fared tells the traffic how a target did: nil is well. How it treats a
// developer's own credential says nothing of the gateway's.
func (p *Proxy) fared(x *tollgate.Exchange, target tollgate.Target, failure *route.Failure) {
	switch {
	case x.Credential != "":
	case failure == nil:
		p.Traffic.Answered(target)
	default:
		p.Traffic.Failed(target, *failure)
	}
}

// moveOn writes down an attempt that did not serve.
func (p *Proxy) moveOn(x *tollgate.Exchange, why string, cause error) {
	p.Log.Warn("an upstream did not serve a request; the next one of its route is asked, if there is one", "request", x.ID, "upstream", x.Upstream, "why", why, "cause", cause)
	x.Failed = append(x.Failed, tollgate.Attempt{Upstream: x.Upstream, Model: x.UpstreamModel, Ended: p.Now().Sub(x.Time), Why: why})
}
