//go:build unix

package app

import (
	"context"
	"net/http"
	"syscall"
	"testing"
)

// Opens says whether a key opens this process's data plane.
func (a *App) Opens(key string) bool {
	_, err := a.keys.Identify(http.Header{"X-Api-Key": {key}})
	return err == nil
}

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

// Pulse is what Alive feels.
type Pulse struct{ pulse }

// Feel is feel.
func (p *Pulse) Feel(ctx context.Context, beat func()) error { return p.feel(ctx, beat) }
