package proxy

import (
	"context"
	"net/http"
	"sync/atomic"

	"tollgate"
)

// turnstile is what every request passes before the gates are asked for it. It
// is within until the journal has it, or until it has ended. While the turnstile
// is shut nobody gets in, so that whoever has shut it finds every request that
// was admitted in the journal; that is what the next process counts from.
//
// The zero turnstile is open, and passing it then is an addition and two looks.
// It is turned by one goroutine at a time.
type turnstile struct {
	within atomic.Int64
	halt   atomic.Pointer[halt] // nil: open
}

// halt is why a turnstile does not let in.
type halt struct {
	heir  http.RoundTripper // serves those who come instead; nil: it is shut, and they wait
	over  chan struct{}     // closed when it is shut no more
	empty chan struct{}     // has a message whenever the last one within may have left
}

func newHalt(heir http.RoundTripper) *halt {
	return &halt{heir: heir, over: make(chan struct{}), empty: make(chan struct{}, 1)}
}

// Shut lets no request be admitted any more, and returns when the journal has
// every one that was. The error is that of ctx; it is shut nevertheless.
func (p *Proxy) Shut(ctx context.Context) error { return p.turnstile.shut(ctx) }

// Open lets those in who wait, and those who come.
func (p *Proxy) Open() { p.turnstile.turn(nil) }

// PassOn gives those who wait, and those who come, to an heir. It is for good.
func (p *Proxy) PassOn(heir http.RoundTripper) { p.turnstile.turn(newHalt(heir)) }

func (t *turnstile) shut(ctx context.Context) error {
	h := newHalt(nil)
	t.turn(h)
	for t.within.Load() > 0 {
		select {
		case <-h.empty:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

func (t *turnstile) turn(to *halt) {
	if before := t.halt.Swap(to); before != nil {
		close(before.over)
	}
}

// enter waits until the request is let in or there is an heir for it. The error
// is a refusal.
func (t *turnstile) enter(as *pass, client, running context.Context) (http.RoundTripper, error) {
	for {
		t.within.Add(1) // before the look, as shut turns before it looks: one of the two sees the other
		h := t.halt.Load()
		if h == nil {
			as.within = t
			return nil, nil
		}
		t.leave()
		if err := h.wait(client, running); h.heir != nil || err != nil {
			return h.heir, err
		}
	}
}

func (t *turnstile) leave() {
	if t.within.Add(-1) > 0 {
		return
	}
	if h := t.halt.Load(); h != nil {
		select {
		case h.empty <- struct{}{}:
		default: // one message is enough
		}
	}
}

// wait returns when the halt is over, and at once where there is an heir.
func (h *halt) wait(client, running context.Context) error {
	if h.heir != nil {
		return nil
	}
	select {
	case <-h.over:
		return nil
	case <-client.Done():
		return tollgate.Errorf(tollgate.ClientGone, "the client hung up before its request was admitted").Because(context.Cause(client))
	case <-running.Done():
		return errStopping
	}
}

// pass is one request's stay within. The zero pass is of one that is not.
type pass struct{ within *turnstile }

// leave ends it. Calling it again does nothing.
func (p *pass) leave() {
	if p.within != nil {
		p.within.leave()
		p.within = nil
	}
}
