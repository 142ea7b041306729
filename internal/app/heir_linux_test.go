package app_test

import (
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"tollgate/internal/gatewaytest"
)

// TestPromise6_AStrangerPassesNothingOn, even where the folder and the socket
// were opened to everybody: where a request comes from is believed there.
func TestPromise6_AStrangerPassesNothingOn(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("nobody but root can become somebody else")
	}
	gateway := gatewaytest.Start(t, gatewaytest.Options{Config: nowhere})
	path := filepath.Join(gateway.Dir, "heir.sock")
	if err := errors.Join(os.Chmod(filepath.Dir(gateway.Dir), 0o755), os.Chmod(gateway.Dir, 0o755), os.Chmod(path, 0o777)); err != nil {
		t.Fatal(err)
	}
	for user, want := range map[uintptr]string{0: "HTTP/1.1 200 OK", 65534: ""} {
		if answer := askAs(t, user, path); answer != want {
			t.Errorf("user %d gets %q", user, answer)
		}
	}
}

// askAs asks as another user, and returns how the answer begins.
func askAs(t *testing.T, user uintptr, path string) string {
	answer := make(chan string)
	go func() {
		defer close(answer)
		runtime.LockOSThread() // for good: the thread is of no more use
		// Setresuid of the packages changes all threads, which is all of the process.
		if _, _, failed := unix.RawSyscall(unix.SYS_SETRESUID, user, user, user); failed != 0 {
			t.Error(failed)
			return
		}
		connection, err := net.Dial("unix", path)
		if err != nil {
			t.Error(err)
			return
		}
		defer connection.Close()
		_ = connection.SetDeadline(time.Now().Add(20 * time.Second))
		_, _ = io.WriteString(connection, "GET /api/hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") // it may be closed already
		text, _ := io.ReadAll(connection)
		answer <- string(text[:min(len(text), len("HTTP/1.1 200 OK"))])
	}()
	return <-answer
}
