package sink_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"tollgate/internal/audit/sink"
	"tollgate/internal/audit/sink/sinktest"
)

// TestFullDisk: what does not fit is not there, not even in part, and is there
// when there is room again.
func TestFullDisk(t *testing.T) {
	folder := t.TempDir()
	if err := unix.Mount("tmpfs", folder, "tmpfs", 0, "size=128k"); err != nil {
		t.Skipf("NOT TESTED: a full file system, since none may be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(folder, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	path, filler := filepath.Join(folder, "audit.jsonl"), filepath.Join(folder, "filler")
	if err := os.WriteFile(filler, make([]byte, 64<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	s := sink.Open(sink.Config{Name: "file", Kind: "jsonl", Path: path, MaxAge: 100 * 365 * 24 * time.Hour}, around())
	one, two := sinktest.Batch("chn_a", 1, 2), sinktest.Batch("chn_a", 3, 300)
	mustDeliver(t, s, one)
	for range 2 {
		if err := s.Deliver(t.Context(), two); !errors.Is(err, unix.ENOSPC) {
			t.Fatal(err)
		}
		if got := readFile(t, path); string(got) != string(one.JSONLines()) {
			t.Fatalf("%d bytes are left of what did not fit", len(got)-len(one.JSONLines()))
		}
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	mustDeliver(t, s, two)
	if got := readFile(t, path); !slices.Equal(got, append(one.JSONLines(), two.JSONLines()...)) {
		t.Errorf("%q", got)
	}
}
