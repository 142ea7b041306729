package proxy

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"tollgate"
	"tollgate/internal/dialect/messages"
	"tollgate/internal/upstream"
)

var (
	// errFirstByte is why an attempt is given up whose answer does not begin.
	errFirstByte = errors.New("the answer did not begin within first_byte")
	// errUnfit is wrapped by the refusal of an upstream that was not asked, since
	// it does not have what the call is about.
	errUnfit = errors.New("the upstream does not serve calls like this")
)

// attempt puts the call to one target. When that refuses a part of it which may
// be left out, it is put to it once more without.
func (p *Proxy) attempt(ctx context.Context, s *Snapshot, call tollgate.Call, body *body, target tollgate.Target, x *tollgate.Exchange, granted *admission) (*answer, error) {
	got, err := p.try(ctx, s, call, body, target, x, granted)
	if err != nil || !got.teaches(body.Bytes()) {
		return got, err
	}
	p.Log.Warn("an upstream refused a part of a request that it was not known to refuse; from now on it is left out", "upstream", x.Upstream, "model", x.UpstreamModel, "request", x.ID)
	return p.try(ctx, s, call, body, target, x, granted)
}

// try sends the call to one target. The journal has it before the target
// does, and has it on the disk before the answer is returned, which takes less
// time than any answer. The answer's body lives as long as ctx.
func (p *Proxy) try(ctx context.Context, s *Snapshot, call tollgate.Call, body *body, target tollgate.Target, x *tollgate.Exchange, granted *admission) (*answer, error) {
	before := destinationOf(x)
	x.Upstream, x.UpstreamModel = target.Upstream, messages.Attribute(target.Model)
	to := s.Upstreams[target.Upstream]
	out, err := to.Prepare(call, body.object, target.Model)
	if err != nil {
		before.restore(x)
		return nil, errors.Join(err, errUnfit)
	}
	x.UpstreamModel = messages.Attribute(out.Model)
	x.Splices, x.ForwardedDigest = out.Splices, x.RequestDigest
	sent := body.Payload
	if out.Edited {
		if sent, err = body.Edited(out.Body); err != nil {
			before.restore(x)
			return nil, err
		}
		defer sent.Release()
		x.ForwardedDigest = forwardedDigest(to, sent)
	}
	ticket, err := p.Journal.Begin(s.expect(x))
	granted.pass.leave()
	if err != nil {
		before.restore(x)
		return nil, err
	}
	ctx, giveUp := context.WithCancelCause(ctx)
	late := time.AfterFunc(to.FirstByte, func() { giveUp(errFirstByte) })
	given := time.Now()
	response, err := to.Send(ctx, out, sent, x.Principal)
	x.Timing.Waited += time.Since(given)
	if !late.Stop() && err == nil {
		_ = response.Body.Close() // it came a moment too late: its context has ended
		err = upstream.ErrReached
	}
	if err == nil {
		if err = ticket.Durable(ctx); err == nil {
			return &answer{Response: response, to: to, call: call, model: out.Model, from: destinationOf(x)}, nil
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

// movesOn says whether another upstream may do better: it is overloaded, or out
// of order, or will not take the gateway's own credential, or does not have the
// model. What the call itself is to blame for, it would be everywhere.
func (a *answer) movesOn() bool {
	switch status := a.status(); status {
	case http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusForbidden, http.StatusNotFound,
		http.StatusRequestTimeout, http.StatusFailedDependency, http.StatusTooManyRequests:
		return true
	default:
		return status >= http.StatusInternalServerError
	}
}
