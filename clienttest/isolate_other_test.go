//go:build !linux

package clienttest

import "errors"

func runIsolated() (int, error) { return 0, errors.New("only Linux has them") }

func raiseLoopback() error { return nil }
