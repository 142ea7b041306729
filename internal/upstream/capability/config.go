package capability

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"tollgate"
)

// Config says what an upstream accepts where that is not what the built-in table
// says of its provider. What stands here is not changed by what the upstream's
// answers teach. A beta and the members of the body that belong to it are one
// thing: what is said of one holds for the other.
type Config struct {
	// Betas are values of the header anthropic-beta, whole or without their
	// date, each with keep, drop, refuse, or rename: and the beta to send
	// instead. A request that uses what is refused is answered with 400.
	Betas map[string]string `yaml:"betas"`
	// Fields are members of the body, each with keep, drop or refuse. They are
	// written as tollgate upstream list shows them: context_management,
	// output_config.effort, tools[].strict, cache_control.scope.
	Fields map[string]string `yaml:"fields"`
}

// maxOverrides bounds what one upstream may say in each of the two.
const maxOverrides = 64

var (
	validBeta  = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,79}$`)
	validField = regexp.MustCompile(`^[a-z_][a-z0-9_]*(\[\])?(\.[a-z_][a-z0-9_]*(\[\])?){0,5}$`)
)

// Validate returns every mistake at once. Paths are relative to this Config.
func (c Config) Validate() (problems []tollgate.Problem) {
	for _, name := range slices.Sorted(maps.Keys(c.Betas)) {
		word, to, renamed := strings.Cut(c.Betas[name], ":")
		path := "betas." + name
		switch {
		case !validBeta.MatchString(name):
			problems = append(problems, tollgate.Problem{Path: path, Message: "is not a beta's name", Remedy: "write one such as effort-2025-11-24, or effort for each of its dates"})
		case renamed && (word != "rename" || !validBeta.MatchString(strings.TrimSpace(to))), !renamed && !settable(word):
			problems = append(problems, tollgate.Problem{Path: path, Message: "is none of what can be done with a beta", Remedy: "write keep, drop, refuse or rename:other-beta-2026-01-31"})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Fields)) {
		path := "fields." + name
		switch {
		case !validField.MatchString(name):
			problems = append(problems, tollgate.Problem{Path: path, Message: "is not the path of a member", Remedy: "write one such as context_management or tools[].strict"})
		case isOurs(name):
			problems = append(problems, tollgate.Problem{Path: path, Message: "belongs to every request", Remedy: "remove it"})
		case !settable(c.Fields[name]):
			problems = append(problems, tollgate.Problem{Path: path, Message: "is none of what can be done with a member", Remedy: "write keep, drop or refuse"})
		}
	}
	if len(c.Betas) > maxOverrides || len(c.Fields) > maxOverrides {
		problems = append(problems, tollgate.Problem{Message: "says more than an upstream may", Remedy: "keep at most 64 betas and 64 fields"})
	}
	return problems
}

func settable(word string) bool { return word == "keep" || word == "drop" || word == "refuse" }

// isOurs says whether a member is the conversation itself or belongs to the
// envelope, so that a request without it would be another one or none.
func isOurs(field string) bool { return slices.Contains(essential, field) }

// essential are the members that are never taken away.
var essential = []string{
	"model", "messages", "system", "tools", "tool_choice", "max_tokens", "stream", "thinking",
	"stop_sequences", "temperature", "top_k", "top_p", "anthropic_version", "anthropic_beta",
	"output_config", "cache_control.type", "messages[]", "messages[].role", "messages[].content", "tools[]", "tools[].name", "tools[].type", "thinking.type",
}
