//go:build unix

package clienttest

import (
	"os/exec"
	"syscall"
)

// alone gives a command a process group of its own, which is killed with it.
func alone(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return endGroup(command.Process.Pid) }
}

// endGroup kills a process group of ours.
func endGroup(group int) error { return syscall.Kill(-group, syscall.SIGKILL) }
