//go:build unix

package app_test

import (
	"fmt"
	"strings"
	"syscall"
	"testing"

	"tollgate/internal/gatewaytest"
)

// TestDescriptors: who configures more connections than the process may open
// files for hears of it at the start.
func TestDescriptors(t *testing.T) {
	t.Parallel()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	for connections, warned := range map[uint64]bool{uint64(limit.Cur) / 2: true, 10: uint64(limit.Cur) < 1000} {
		gateway := gatewaytest.Start(t, gatewaytest.Options{Config: nowhere + fmt.Sprintf("limits: {max_connections: %d}\n", connections)})
		if strings.Contains(gateway.Log(), "may not open enough files") != warned {
			t.Errorf("%d connections, %d files: warned is %v", connections, limit.Cur, !warned)
		}
	}
}
