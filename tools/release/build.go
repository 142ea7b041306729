package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
)

// build makes the binary as "make build" does, so that there is one place that
// says how.
func (r *release) build(t target, binary string) error {
	_, err := r.command(append(neutral(), "GOOS="+t.system, "GOARCH="+t.processor),
		"make", "--no-print-directory", "build", "VERSION="+r.version, "BIN="+binary)
	return err
}

// neutral are the settings of Go that change what a build gives, each at its
// default, whatever they are on this machine.
func neutral() []string {
	return []string{"GOFLAGS=", "GOEXPERIMENT=", "GOAMD64=v1", "GOARM64=v8.0", "GOFIPS140=off", "GOWORK=off"}
}

// command runs one in the repository and returns what it printed. What it
// said besides is of interest only if it failed.
func (r *release) command(environment []string, name string, args ...string) ([]byte, error) {
	var stderr bytes.Buffer
	command := exec.Command(name, args...)
	command.Dir = r.root
	command.Env = append(os.Environ(), environment...)
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s%s", name, err, out, stderr.Bytes())
	}
	return out, nil
}
