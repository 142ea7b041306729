//go:build !unix

package clienttest

import "os/exec"

// alone does nothing: what the command has started may outlive it.
func alone(*exec.Cmd) {}

// endGroup does nothing: there are no groups, and there is no terminal either.
func endGroup(int) error { return nil }
