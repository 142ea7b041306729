package proxy

import (
	"context"
	"errors"
	"net/http"
	"runtime/debug"
	"time"

	"tollgate"
)

// serve is the life of one request: identify, read, route, admit, send, relay,
// settle, record. Who asks comes before what is asked, so that a stranger's
// body is never taken into memory (docs/design/request.md).
func (p *Proxy) serve(w http.ResponseWriter, r *http.Request, asked *knock) {
	x := p.begin(r, asked)
	var granted admission
	defer p.record(x, &granted)
	defer p.catch(x)
	err := p.answer(w, r, asked, x, &granted)
	switch {
	case err == nil:
		return
	case !errors.Is(err, errCut):
		refusal := tollgate.AsError(err)
		x.Status, x.Error = kindAt(x.Door, refusal.Kind).Status(), refusal.Kind.WireType()
		linger := p.part(w, r, x.RequestDigest != "")
		p.refuse(w, x, refusal)
		linger()
		if refusal.Kind != tollgate.ClientGone {
			return
		}
		p.left(x)
	}
	panic(http.ErrAbortHandler) // the client must see a cut as a cut, not as an end
}

// answer returns nil, errCut when an answer that had begun could not be
// finished, or the refusal to speak when none had begun.
func (p *Proxy) answer(w http.ResponseWriter, r *http.Request, asked *knock, x *tollgate.Exchange, granted *admission) error {
	snapshot := p.snapshot.Load()
	who, own, err := p.identify(snapshot, r.Header)
	if err != nil {
		return err
	}
	x.Principal = who
	if !p.room.requests.Take(1) {
		return p.full("max_requests", p.room.requests.Stats())
	}
	defer p.room.requests.Give(1)
	call, body, err := p.read(w, r, asked, x, snapshot.Limits)
	if err != nil {
		return err
	}
	defer body.Release()
	call.Own = own
	targets, err := p.route(snapshot, call, x)
	if err != nil {
		return err
	}
	heir, err := p.turnstile.enter(&granted.pass, r.Context(), p.Running)
	if heir != nil {
		return p.bequeath(heir, w, r, body.Payload, x)
	}
	if err != nil {
		return err
	}
	if isProbe(x, body.object) {
		return p.answerProbe(w, snapshot, call, body.object, targets, x, granted)
	}
	p.keep(x, body.Bytes(), granted)
	if err := p.admit(snapshot, call, body.object, targets, x, granted); err != nil {
		return err
	}
	ctx, cancel := p.attend(r.Context(), call)
	defer cancel()
	answer, abandoned, err := p.send(ctx, r.Context(), snapshot, call, body, targets, x, granted)
	body.Release() // a streamed answer may take an hour; the body is not needed for it
	defer p.settleAbandoned(snapshot, abandoned, x)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	unheard := r.Context().Err() != nil
	granted.tell(w.Header(), answer.StatusCode)
	reading, err := p.relay(ctx, p.newOutlet(w, r), answer, keptAnswer{kept: granted.kept}, x)
	p.settle(snapshot, call, reading, x)
	if unheard {
		x.Status = tollgate.ClientGone.Status()
		p.left(x)
	}
	return err
}

// catch makes of a fault of ours a cut connection, a line in the log and a row
// that says so: whatever happens, the request is accounted for.
func (p *Proxy) catch(x *tollgate.Exchange) {
	fault := recover()
	if fault == nil {
		return
	}
	if fault != http.ErrAbortHandler {
		x.Status, x.Error = http.StatusInternalServerError, tollgate.Internal.WireType()
		x.Interrupted = true
		if x.Upstream != "" && x.Cost == 0 {
			p.settleAbandoned(p.snapshot.Load(), 1, x)
		}
		p.Log.Error("tollgate has a fault: a request ended in a panic", "request", x.ID, "fault", fault, "stack", string(debug.Stack()))
	}
	panic(http.ErrAbortHandler)
}

// record ends the exchange and hands it on. A stranger's request leaves a log
// line and no row: whoever has no key must not be able to fill the ledger.
// What was granted is settled once the journal has what it came to, so that it
// can be found in one place or the other at any moment.
func (p *Proxy) record(x *tollgate.Exchange, granted *admission) {
	defer granted.settle(x) // also after a fault
	x.Duration = p.Now().Sub(x.Time)
	p.learn(x)
	if granted.kept != nil {
		granted.kept.End(x)
	}
	if x.Key != "" || x.Credential != "" {
		p.Journal.End(x)
		p.Record(x)
	}
}

// detachedBound is how long a whole answer is still read for after the client
// has hung up.
const detachedBound = 10 * time.Minute

// attend returns the context of the exchange with the provider. It ends with
// the client's for a stream, which the provider then stops and bills as far as
// it came. A whole answer is billed in any case, so it is read to its end for
// its usage, for detachedBound at most after the client has gone, and no
// longer than the gateway runs.
func (p *Proxy) attend(client context.Context, call tollgate.Call) (context.Context, context.CancelFunc) {
	if call.Stream || call.Operation != tollgate.Messages {
		return context.WithCancel(client)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(client))
	alone := context.AfterFunc(client, func() {
		bound := time.AfterFunc(detachedBound, cancel)
		context.AfterFunc(ctx, func() { bound.Stop() })
	})
	over := context.AfterFunc(p.Running, cancel)
	return ctx, func() { alone(); over(); cancel() }
}
