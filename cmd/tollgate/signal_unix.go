//go:build unix

package main

import (
	"os"
	"syscall"
)

// upgradeSignal tells a gateway to start the program anew and hand over to it.
var upgradeSignal os.Signal = syscall.SIGUSR2
