package proxy

import (
	"context"
	"time"

	"tollgate"
	"tollgate/internal/meter"
)

// SetStalledBound says how long a client may accept nothing.
func (p *Proxy) SetStalledBound(bound time.Duration) { p.stalledBound = bound }

// SetHeaderPatience says how long a stream's headers wait for its first event.
func (p *Proxy) SetHeaderPatience(patience time.Duration) { p.headerPatience = patience }

// Attend is the context of an exchange with the provider.
func (p *Proxy) Attend(client context.Context, call tollgate.Call) (context.Context, context.CancelFunc) {
	return p.attend(client, call)
}

// BreakTap puts mistakes into what listens to answers: it panics at the write
// with this number, counted from one, or, for 0, when it is closed.
func (p *Proxy) BreakTap(write int) {
	p.newTap = func(stream bool) tap { return &brokenTap{Tap: meter.NewTap(stream), left: write} }
}

type brokenTap struct {
	*meter.Tap
	left  int
	broke bool
}

func (b *brokenTap) Write(p []byte) (int, error) {
	if b.left--; b.left == 0 {
		b.broke = true
		panic("a mistake in the tap")
	}
	return b.Tap.Write(p)
}

func (b *brokenTap) Close() meter.Reading {
	reading := b.Tap.Close()
	if !b.broke {
		panic("a mistake in the tap")
	}
	return reading
}

// SetSilenceBound says how long a stream may be silent whose provider sends no
// pings.
func (p *Proxy) SetSilenceBound(bound time.Duration) { p.silenceBound = bound }
