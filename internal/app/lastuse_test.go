package app_test

import (
	"testing"
	"time"

	"tollgate/internal/gatewaytest"
)

// TestTheLastUseOfAKeyOutlivesTheProcess.
func TestTheLastUseOfAKeyOutlivesTheProcess(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: p.URL})
	before := time.Now().Truncate(time.Microsecond)
	askMany(t, gateway.URL, gateway.Key, 1)
	after := time.Now()
	gateway.Stop(t)
	keys := storedKeys(t, gateway.Dir)
	if len(keys) != 1 || keys[0].LastUsedAt.Before(before) || keys[0].LastUsedAt.After(after) {
		t.Errorf("the register has %+v, want a last use between %v and %v", keys, before, after)
	}
}
