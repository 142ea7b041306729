package config

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"

	"tollgate"
)

// Lookup is where references lead. It is all that a configuration can reach.
type Lookup struct {
	Env  func(name string) (value string, set bool)
	File func(path string) ([]byte, error)
}

// reference is ${NAME}, ${file:/path} or, with a second dollar sign in front,
// the plain characters "${".
var reference = regexp.MustCompile(`\$\$\{|\$\{[^}]*\}?`)

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// expand replaces every reference in text. The problem, if there is one,
// still lacks its place; it never says what a reference stands for.
func (l Lookup) expand(text string) (string, *tollgate.Problem) {
	var problem *tollgate.Problem
	expanded := reference.ReplaceAllStringFunc(text, func(found string) string {
		if found == "$${" {
			return "${"
		}
		value, wrong := l.resolve(found)
		if problem == nil {
			problem = wrong
		}
		return value
	})
	return expanded, problem
}

func (l Lookup) resolve(found string) (string, *tollgate.Problem) {
	inside, closed := strings.CutSuffix(strings.TrimPrefix(found, "${"), "}")
	path, isFile := strings.CutPrefix(inside, "file:")
	switch {
	case closed && isFile && path != "":
		return l.file(path)
	case closed && variableName.MatchString(inside):
		return l.variable(inside)
	default:
		return "", &tollgate.Problem{
			Message: "has a reference that cannot be read",
			Remedy:  "write ${NAME} for an environment variable, ${file:/path} for a file, $${ for the characters themselves",
		}
	}
}

func (l Lookup) variable(name string) (string, *tollgate.Problem) {
	value, set := l.Env(name)
	switch {
	case !set:
		return "", &tollgate.Problem{
			Message: fmt.Sprintf("the environment variable %s is not set", name),
			Remedy:  "set it for the process that reads this file",
		}
	case value == "":
		return "", &tollgate.Problem{
			Message: fmt.Sprintf("the environment variable %s is empty", name),
			Remedy:  "give it a value or remove this key",
		}
	}
	return value, nil
}

// file leaves out one line break at the end, since editors add one.
func (l Lookup) file(path string) (string, *tollgate.Problem) {
	content, err := l.File(path)
	if err != nil {
		return "", &tollgate.Problem{
			Message: fmt.Sprintf("the file %s cannot be read: %s", path, reason(err)),
			Remedy:  "check the path and who may read the file",
		}
	}
	value := strings.TrimSuffix(strings.TrimSuffix(string(content), "\n"), "\r")
	if value == "" {
		return "", emptyFile(path)
	}
	return value, nil
}

func emptyFile(path string) *tollgate.Problem {
	return &tollgate.Problem{Message: fmt.Sprintf("the file %s is empty", path), Remedy: "fill it or remove this key"}
}

// reason is the system's word for what went wrong, without the path.
func reason(err error) string {
	if inPath, ok := errors.AsType[*fs.PathError](err); ok {
		err = inPath.Err
	}
	return err.Error()
}
