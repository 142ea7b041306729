package config

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"tollgate"
)

// Load reads and checks the file at path. Every error is an *Error.
func Load(path string, env func(string) (string, bool)) (*Config, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, newError(path, []tollgate.Problem{{
			Message: "it cannot be read: " + reason(err),
			Remedy:  "check the path and who may read the file",
		}})
	}
	return Parse(path, data, Lookup{Env: env, File: os.ReadFile})
}

// Parse checks the text of a configuration; file is what messages call it.
// Every error is an *Error.
func Parse(file string, data []byte, look Lookup) (*Config, error) {
	root, syntax := parseYAML(data)
	if syntax != nil {
		return nil, newError(file, []tollgate.Problem{*syntax})
	}
	config := defaults(look.Env)
	config.Digest = digest(data)
	d := newDecoder(look)
	if root != nil {
		d.decode(root, reflect.ValueOf(&config).Elem(), "")
	}
	config.complete()
	d.report(config.validate())
	d.report(config.fileProblems(look))
	if len(d.problems) > 0 {
		return nil, newError(file, d.problems)
	}
	return &config, nil
}

func digest(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// Default is the configuration without a file: the Anthropic API behind a
// listener on this machine alone, if ANTHROPIC_API_KEY holds a key for it.
func Default(env func(string) (string, bool)) (*Config, error) {
	if key, _ := env("ANTHROPIC_API_KEY"); key == "" {
		return nil, newError("", []tollgate.Problem{{
			Message: "there is no configuration file and ANTHROPIC_API_KEY is not set, so there is nowhere to send requests to",
			Remedy:  "set ANTHROPIC_API_KEY or name a file with --config",
		}})
	}
	const text = `upstreams: [{name: anthropic, provider: anthropic, api_key: "${ANTHROPIC_API_KEY}"}]`
	return Parse("", []byte(text), Lookup{Env: env, File: os.ReadFile})
}

// parseYAML returns nothing for an empty file.
func parseYAML(data []byte) (*yaml.Node, *tollgate.Problem) {
	var documents []yaml.Node
	err := yaml.Load(data, &documents, yaml.WithAllDocuments())
	switch {
	case err != nil:
		return nil, syntaxProblem(err)
	case len(documents) == 0 || len(documents[0].Content) == 0:
		return nil, nil
	case len(documents) > 1:
		return nil, &tollgate.Problem{
			Line:    documents[1].Line,
			Message: "a second document begins here",
			Remedy:  "write everything into one, without ---",
		}
	}
	return documents[0].Content[0], nil
}

// quoted is what the YAML library repeats from the file.
var quoted = regexp.MustCompile(`'[^']*'|"[^"]*"`)

func syntaxProblem(err error) *tollgate.Problem {
	problem := &tollgate.Problem{Message: "this is not YAML", Remedy: "check indentation, quotes and brackets near this line"}
	if at, ok := errors.AsType[*yaml.LoadError](err); ok {
		problem.Line = at.Mark.Line
		problem.Message += ": " + quoted.ReplaceAllString(at.Message, "…")
	}
	return problem
}

// report adds the problems that the rules found, each with the line of the
// nearest thing that is there. What is wrong about a value that could not even
// be taken over is left out, since it has been reported.
func (d *decoder) report(problems []tollgate.Problem) {
	for _, problem := range problems {
		if at, known := d.nearest(problem.Path); known {
			problem.Line = d.lines[at]
		}
		if !d.isBroken(problem.Path) {
			d.problems = append(d.problems, d.masked(problem))
		}
	}
}

// masked puts references back where a rule repeated what one stands for.
func (d *decoder) masked(problem tollgate.Problem) tollgate.Problem {
	for text, written := range d.resolved {
		for _, shown := range []string{text, strings.Trim(strconv.Quote(text), `"`)} {
			problem.Message = strings.ReplaceAll(problem.Message, shown, written)
			problem.Remedy = strings.ReplaceAll(problem.Remedy, shown, written)
		}
	}
	return problem
}

// parent cuts the last key or index off a path.
var parent = regexp.MustCompile(`^(.*)(\.[^.\[\]]+|\[\d+\])$`)

// above yields path and everything it stands in, the whole file last.
func above(path string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for yield(path) && path != "" {
			cut := parent.FindStringSubmatch(path)
			if cut == nil {
				cut = []string{"", ""}
			}
			path = cut[1]
		}
	}
}

func (d *decoder) nearest(path string) (string, bool) {
	for at := range above(path) {
		if _, known := d.lines[at]; known {
			return at, true
		}
	}
	return "", false
}

func (d *decoder) isBroken(path string) bool {
	for at := range above(path) {
		if d.broken[at] {
			return true
		}
	}
	return false
}
