package app

import "syscall"

// private runs on a socket before it has a name, so that the file that it will
// have is this user's alone from the start.
func private(_, _ string, socket syscall.RawConn) error {
	var failed error
	err := socket.Control(func(descriptor uintptr) { failed = syscall.Fchmod(int(descriptor), 0o600) })
	if err != nil {
		return err
	}
	return failed
}
