//go:build unix

package app

import "syscall"

// openFiles is how many files this process may open; Go has raised the soft
// limit to the hard one.
func openFiles() (may uint64, known bool) {
	var limit syscall.Rlimit
	err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit)
	return uint64(limit.Cur), err == nil // signed on some systems
}
