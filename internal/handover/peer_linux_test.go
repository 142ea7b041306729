package handover_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"tollgate/internal/handover"
)

// TestPromise6_AStrangerIsGivenNothing, even where the folder and the socket
// were opened to everybody.
func TestPromise6_AStrangerIsGivenNothing(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("nobody but root can become somebody else")
	}
	h := newHolder()
	path, _ := answerFor(t, h)
	if err := errors.Join(os.Chmod(filepath.Dir(path), 0o755), os.Chmod(path, 0o777)); err != nil {
		t.Fatal(err)
	}
	_, err := askAs(65534, path)
	if refusal, refused := errors.AsType[*handover.RefusedError](err); !refused || !strings.Contains(refusal.Reason, "only to the user") {
		t.Errorf("%v", err)
	}
	if len(h.consented) > 0 {
		t.Error("the holder was asked")
	}
}

// askAs asks as another user.
func askAs(user uintptr, path string) (claim *handover.Claim, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // for good: the thread is of no more use
		// Setresuid of the packages changes all threads, which is all of the process.
		if _, _, failed := unix.RawSyscall(unix.SYS_SETRESUID, user, user, user); failed != 0 {
			err = failed
			return
		}
		claim, err = handover.Ask(context.Background(), path, true)
	}()
	<-done
	return claim, err
}
