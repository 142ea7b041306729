//go:build !unix

package app

import (
	"io"
	"os"
)

func standardOutput() io.Writer { return os.Stdout }
