//go:build !linux

package journal

import "testing"

func smallDisk(t *testing.T) string {
	t.Helper()
	t.Skip("NOT TESTED: a full file system, which this test mounts on Linux only")
	return ""
}
