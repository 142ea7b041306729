//go:build unix

package app

import (
	"context"
	"sync"
	"syscall"
	"testing"
	"time"

	"tollgate"
)

// BreakListener makes the data plane's socket useless, behind the back of the
// accept loop.
func (a *App) BreakListener(t *testing.T) {
	t.Helper()
	raw, err := a.servers.listeners[0].SyscallConn()
	if err == nil {
		err = raw.Control(func(descriptor uintptr) { _ = syscall.Shutdown(int(descriptor), syscall.SHUT_RDWR) })
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Holders say for each part of the process, but the journal, how to hold what a
// beat has to pass there, and return how to let it go.
func (a *App) Holders() map[string]func() (letGo func()) {
	lock := func(l sync.Locker) func() func() {
		return func() func() { l.Lock(); return l.Unlock }
	}
	return map[string]func() func(){
		"requests":   lock(&a.servers.mu),
		"reloads":    lock(&a.reloading),
		"hand-overs": lock(&a.succession.mu),
		"keys":       a.holdKeys,
	}
}

func (a *App) holdKeys() (letGo func()) {
	held, release := make(chan struct{}), make(chan struct{})
	hold := sync.OnceFunc(func() { close(held); <-release })
	go a.keys.Revoke(func(tollgate.Key) bool { hold(); return false }, time.Now())
	<-held
	return func() { close(release) }
}

// Beats returns when the heart has beaten, or ctx ends.
func (a *App) Beats(ctx context.Context) error { return a.pulse.feel(ctx, a.beat) }

// Pulse is what Alive feels.
type Pulse struct{ pulse }

// Feel is feel.
func (p *Pulse) Feel(ctx context.Context, beat func()) error { return p.feel(ctx, beat) }
