//go:build !unix

package main

import "os"

// upgradeSignal never comes: one process cannot hand over to another here.
var upgradeSignal os.Signal = noSignal{}

type noSignal struct{}

func (noSignal) String() string { return "none" }
func (noSignal) Signal()        {}
