//go:build unix

package app_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

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
