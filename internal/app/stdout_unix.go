//go:build unix

package app

import (
	"io"
	"os"
	"sync"
	"syscall"
)

// standardOutput is standard output under another number: Go ends a process that
// writes to a closed pipe as number 1, and one whose reader has gone is to go on.
var standardOutput = sync.OnceValue(func() io.Writer {
	copied, err := syscall.Dup(int(os.Stdout.Fd()))
	if err != nil {
		return os.Stdout
	}
	syscall.CloseOnExec(copied)
	return os.NewFile(uintptr(copied), os.Stdout.Name())
})
