package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"tollgate/internal/gatewaytest"
)

// A configuration that is not taken over leaves a line for each mistake, and
// the running gateway as it is.
func TestReloadNamesEveryMistakeInALineOfItsOwn(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tollgate.yaml")
	if err := os.WriteFile(file, []byte("limits: {drian: 10m}\nupstreams: [{name: a, provider: anthropic}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: "http://127.0.0.1:9"})
	reload(gateway.App(), file, slog.New(slog.NewTextHandler(&out, nil)))
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 3 || !strings.Contains(lines[0], `problem="line 1: limits.drian: is not a known key`) ||
		!strings.Contains(lines[1], `problem="line 2: upstreams[0]: has no credential`) ||
		!strings.Contains(lines[2], "the last one stays in force") || strings.Contains(out.String(), `\n`) {
		t.Errorf("the log has\n%s", &out)
	}
}

// A second signal to stop ends the wait for answers under way. A reload does
// not, however often it comes.
func TestOnlyASignalToStopHurriesADrain(t *testing.T) {
	for _, last := range []os.Signal{syscall.SIGTERM, syscall.SIGINT} {
		ctx, hurry := context.WithCancelCause(t.Context())
		defer hurry(nil)
		signals, done := make(chan os.Signal), make(chan struct{})
		go func() {
			defer close(done)
			hurryOn(ctx, signals, 1, hurry)
		}()
		for _, each := range []os.Signal{syscall.SIGHUP, syscall.SIGHUP, last} {
			select {
			case signals <- each: // it is taken once the one before has been dealt with
			case <-ctx.Done():
				t.Fatalf("before %s the drain was cut: %v", each, context.Cause(ctx))
			}
		}
		select {
		case <-done:
		case <-time.After(20 * time.Second):
			t.Fatalf("%s does not end the drain", last)
		}
		if cause := context.Cause(ctx); !errors.Is(cause, errSecondSignal) {
			t.Errorf("after %s the drain ends with %v", last, cause)
		}
	}
}
