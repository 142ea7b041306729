//go:build !unix

package clienttest

import "os/exec"

// alone does nothing: what the command has started may outlive it.
func alone(*exec.Cmd) {}
