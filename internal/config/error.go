package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"tollgate"
)

// Error is everything that is wrong with a configuration.
type Error struct {
	File     string // empty when there was no file
	Problems []tollgate.Problem
}

// Error lists the problems in the order of the file, one a line.
func (e *Error) Error() string {
	var text strings.Builder
	text.WriteString(e.headline())
	for _, problem := range e.Problems {
		text.WriteString("\n  ")
		text.WriteString(problem.String())
	}
	return text.String()
}

func (e *Error) headline() string {
	file := e.File
	if file == "" {
		file = "the configuration"
	}
	if len(e.Problems) == 1 {
		return file + " has a problem:"
	}
	return fmt.Sprintf("%s has %d problems:", file, len(e.Problems))
}

// newError sorts by line; problems without one, which are about what is
// missing, come first.
func newError(file string, problems []tollgate.Problem) *Error {
	slices.SortStableFunc(problems, func(a, b tollgate.Problem) int {
		return cmp.Compare(a.Line, b.Line)
	})
	return &Error{File: file, Problems: problems}
}
