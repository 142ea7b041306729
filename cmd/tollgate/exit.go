package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"tollgate/client"
)

// Exit statuses.
const (
	done   = 0
	failed = 1 // or refused
	wrong  = 2 // usage
)

// usageError is a mistake in how a command was called.
type usageError struct{ message string }

func (e *usageError) Error() string { return e.message }

func misuse(format string, args ...any) error {
	return &usageError{fmt.Sprintf(format, args...)}
}

// watchStart tells, once the program has run, whether a command began its
// work. Whatever fails before that is cobra refusing how it was called.
func watchStart(root *cobra.Command) *bool {
	started := new(bool)
	watch(root, started)
	return started
}

func watch(cmd *cobra.Command, started *bool) {
	if work := cmd.RunE; work != nil {
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			*started = true
			return work(cmd, args)
		}
	}
	for _, below := range cmd.Commands() {
		watch(below, started)
	}
}

// report writes the error, once, and returns the exit status.
func report(stderr io.Writer, cmd *cobra.Command, err error, started bool) int {
	if err == nil {
		return done
	}
	lines := strings.Split(err.Error(), "\n") // a configuration has many mistakes
	for i := range lines {
		lines[i] = printable(lines[i])
	}
	fmt.Fprintf(stderr, "tollgate: %s\n", strings.Join(lines, "\n"))
	if started && !isMisuse(err) {
		return failed
	}
	fmt.Fprintf(stderr, "tollgate: see %s --help\n", cmd.CommandPath())
	return wrong
}

// isMisuse says whether the error is about what was written on the command
// line. The gateway reads dates, patterns and names; what it cannot
// understand was written wrongly.
func isMisuse(err error) bool {
	var usage *usageError
	var refusal *client.Error
	return errors.As(err, &usage) || errors.As(err, &refusal) && refusal.Type != "" && refusal.Status == http.StatusBadRequest
}
