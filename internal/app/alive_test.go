//go:build unix

package app_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"tollgate/api"
	"tollgate/client"
	"tollgate/internal/app"
	"tollgate/internal/gatewaytest"
)

// TestLiveness_AnAcceptLoopThatEnds: the process that serves open connections
// as if nothing were wrong says that it is not alive.
func TestLiveness_AnAcceptLoopThatEnds(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: p.URL})
	connection := dial(t, "tcp", strings.TrimPrefix(gateway.URL, "http://"))
	ask := func() int {
		t.Helper()
		request, err := http.NewRequest(http.MethodGet, gateway.URL+"/healthz", nil)
		if err != nil {
			t.Fatal(err)
		}
		response, _ := askOn(t, connection, request)
		return response.StatusCode
	}
	if status := ask(); status != http.StatusOK {
		t.Errorf("healthy: %d", status)
	}
	gateway.App().BreakListener(t)
	await(t, gateway.App().Failed(), "the failure")
	if status := ask(); status != http.StatusServiceUnavailable {
		t.Errorf("with an accept loop that has ended: %d", status)
	}
	if err := gateway.App().Alive(t.Context()); err == nil || !strings.Contains(err.Error(), "listen.address") {
		t.Error(err)
	}
}

// TestLiveness_AStop is no failure.
func TestLiveness_AStop(t *testing.T) {
	t.Parallel()
	gateway := gatewaytest.Start(t, gatewaytest.Options{Config: nowhere})
	gateway.Stop(t)
	select {
	case <-gateway.App().Failed():
		t.Error(gateway.App().Alive(t.Context()))
	default:
	}
}

// TestLiveness_PartsThatWaitForEachOther are noticed, by as many as ask, and
// one of them waits for all.
func TestLiveness_PartsThatWaitForEachOther(t *testing.T) {
	t.Parallel()
	var pulse app.Pulse
	stuck := make(chan struct{})
	beats := 0
	beat := func() { beats++; <-stuck }
	enough := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(enough)
	for range 3 {
		if err := pulse.Feel(ctx, beat); !errors.Is(err, enough) {
			t.Errorf("stuck: %v", err)
		}
	}
	close(stuck)
	if err := pulse.Feel(t.Context(), beat); err != nil {
		t.Errorf("free again: %v", err)
	}
	if beats > 2 {
		t.Errorf("%d beats", beats)
	}
}

// TestLiveness_EveryPart that all work has to pass is passed by the beat: one
// that is stuck is noticed, and one that comes loose is forgiven.
func TestLiveness_EveryPart(t *testing.T) {
	t.Parallel()
	gateway := gatewaytest.Start(t, gatewaytest.Options{Config: nowhere})
	for part, hold := range gateway.App().Holders() {
		letGo := hold()
		soon, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		if err := gateway.App().Beats(soon); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s are stuck, and the beat says %v", part, err)
		}
		cancel()
		letGo()
		if err := gateway.App().Beats(t.Context()); err != nil {
			t.Errorf("%s are free again: %v", part, err)
		}
	}
}

// TestLiveness_NothingThatARestartWouldNotMend makes a process unready or
// dead: a database that is locked, and a journal that takes nothing any more.
func TestLiveness_NothingThatARestartWouldNotMend(t *testing.T) {
	t.Parallel()
	folder := shortFolder(t)
	c := settings(t, fmt.Sprintf("data_dir: %q\nlisten: {address: \"127.0.0.1:0\"}\n", folder)+nowhere)
	c.Journal.MaxBytes = 100 // not even one request
	gateway, err := app.Start(t.Context(), c, app.Options{Log: discard()})
	if err != nil {
		t.Fatal(err)
	}
	created, err := client.Socket(gateway.Socket).CreateKey(t.Context(), api.NewKey{Service: "ci"})
	if err != nil {
		t.Fatal(err)
	}
	unlock := lock(t, folder)
	for _, c := range []struct {
		method, path string
		want         int
	}{{http.MethodPost, "/v1/messages", 529}, {http.MethodGet, "/readyz", 200}, {http.MethodGet, "/healthz", 200}} {
		request, err := http.NewRequestWithContext(t.Context(), c.method, gateway.URL+c.path, strings.NewReader(askWhole))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("X-Api-Key", created.Key)
		if status, text := gatewaytest.Do(t, request); status != c.want {
			t.Errorf("%s: %d %s", c.path, status, text)
		}
	}
	unlock()
	http.DefaultClient.CloseIdleConnections()
	if err := gateway.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}
