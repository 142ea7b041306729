package app_test

import (
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"tollgate/internal/app"
)

// TestASocketIsPrivateFromTheStart: there is no moment in which others may open
// it, whatever the umask.
func TestASocketIsPrivateFromTheStart(t *testing.T) { // not beside others: the umask is the process's
	defer syscall.Umask(syscall.Umask(0))
	folder, err := os.MkdirTemp("", "tg")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "s")
	listener, err := (&net.ListenConfig{Control: app.Private}).Listen(t.Context(), "unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}
