package upstream

import (
	"regexp"
	"slices"

	"tollgate"
)

// member is one that says where an upstream is. What it holds becomes part of
// an address or of a header.
type member struct {
	key, example string
	of           func(Config) string
	pattern      *regexp.Regexp
}

var members = []member{
	{"region", "one such as eu-central-1", func(c Config) string { return c.Region }, regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)},
	{"project", "the project's id", func(c Config) string { return c.Project }, regexp.MustCompile(`^[a-z0-9][a-z0-9.:-]*$`)},
	{"resource", "the resource's name, without a domain", func(c Config) string { return c.Resource }, regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]*$`)},
	{"workspace", "wrkspc_…, the workspace's id", func(c Config) string { return c.Workspace }, regexp.MustCompile(`^(wrkspc_\w+|default)$`)},
}

// memberProblems: a member that would be of no effect is a mistake too, since
// whoever wrote it believes that it has one.
func (c Config) memberProblems(p provider) (problems []tollgate.Problem) {
	for _, each := range members {
		value, needed := each.of(c), slices.Contains(p.needs, each.key)
		problem := tollgate.Problem{Path: each.key, Remedy: "write " + each.example}
		switch {
		case !needed && value == "", each.key == "resource" && value == "" && c.BaseURL != "":
			continue
		case !needed:
			problem.Message, problem.Remedy = "says nothing to "+c.Provider, "remove it"
		case value == "":
			problem.Message = "is missing: " + c.Provider + " needs it"
		case each.pattern.MatchString(value):
			continue
		default:
			problem.Message = "is malformed"
		}
		problems = append(problems, problem)
	}
	return problems
}
