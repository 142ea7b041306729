package body

import (
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"tollgate"
)

// smallDisk is a file system of 2 MB.
func smallDisk(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	if err := unix.Mount("tmpfs", folder, "tmpfs", 0, "size=2m"); err != nil {
		t.Skipf("NOT TESTED: a full file system, since none may be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(folder, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return filepath.Join(folder, "bodies")
}

// Bodies leave a part of the disk to the journal and the database. When it is
// reached they are dropped, the records say so, and the next ones are not even
// tried for a while.
func TestPromise5_AFullDiskDropsBodies(t *testing.T) {
	h := newHeld(t, smallDisk(t), nil)
	noise := make([]byte, 300<<10)
	for i := range noise {
		noise[i] = byte(i * i >> 7 * 31)
	}
	fates := map[tollgate.BodyFate]int{}
	var kept []*tollgate.Exchange
	for range 300 {
		x := h.keep("ada@example.com", string(noise)+strings.Repeat("x", len(kept)), "")
		fates[x.RequestBody]++
		kept = append(kept, x)
		for h.Stats().Waiting > 0 {
			runtime.Gosched()
		}
		if fates[tollgate.BodyNoDisk] > 3 {
			break
		}
		for i := range noise { // so that nothing of it can be compressed
			noise[i] = noise[i]*167 + byte(i>>8) + 13
		}
	}
	h.stop()
	if fates[tollgate.BodyNoDisk] == 0 || fates[tollgate.BodySealed] == 0 {
		t.Fatalf("on a disk of 2 MB: %v", fates)
	}
	var stat unix.Statfs_t
	if err := unix.Statfs(h.Folder, &stat); err != nil || stat.Bavail < stat.Blocks/20 {
		t.Errorf("%d of %d blocks are left to others: %v", stat.Bavail, stat.Blocks, err)
	}
	opened := 0
	for _, x := range kept {
		if _, err := h.open(x, tollgate.RequestPart, h.auditor); err == nil {
			opened++
		} else if !tollgate.IsKind(err, tollgate.NotFound) {
			t.Errorf("a body is neither there nor missing: %v", err)
		}
	}
	if lost := len(h.register.noted(Lost)); opened == 0 || opened < fates[tollgate.BodySealed] && lost == 0 {
		t.Errorf("%d of %d are there, and the audit log was told %d times", opened, fates[tollgate.BodySealed], lost)
	}
	h.now = h.now.Add(2 * diskRest)
	if h.disk.resting() {
		t.Error("the disk is left alone for ever")
	}
}
