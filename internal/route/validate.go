package route

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"tollgate"
)

// Validate returns every mistake at once. Paths are relative to this Config;
// upstreams are the names that there are. Without any, names are not checked:
// that there is none is a mistake made elsewhere.
func (c Config) Validate(upstreams []string) (problems []tollgate.Problem) {
	for i, route := range c.Routes {
		problems = append(problems, route.validate(fmt.Sprintf("routes[%d]", i), upstreams)...)
	}
	ids := map[string]bool{}
	for i, model := range c.Models {
		at := fmt.Sprintf("models[%d]", i)
		problems = append(problems, model.validate(at, upstreams)...)
		if ids[model.ID] && model.ID != "" {
			problems = append(problems, tollgate.Problem{
				Path: at + ".id", Message: "is described already", Remedy: "put the two descriptions together",
			})
		}
		ids[model.ID] = true
	}
	return problems
}

func (r Route) validate(at string, upstreams []string) (problems []tollgate.Problem) {
	if len(r.Models) == 0 {
		problems = append(problems, tollgate.Problem{
			Path: at + ".models", Message: "is missing", Remedy: `say which models take this route, such as ["claude-*"]`,
		})
	}
	if len(r.Upstreams) == 0 {
		problems = append(problems, tollgate.Problem{
			Path: at + ".upstreams", Message: "is missing", Remedy: "name at least one upstream",
		})
	}
	for i, glob := range r.Models {
		if problem := globProblem(glob); problem != nil {
			problem.Path = fmt.Sprintf("%s.models[%d]", at, i)
			problems = append(problems, *problem)
		}
	}
	for i, name := range r.Upstreams {
		path := fmt.Sprintf("%s.upstreams[%d]", at, i)
		problems = append(problems, knownUpstream(path, name, upstreams)...)
		if slices.Contains(r.Upstreams[:i], name) {
			problems = append(problems, tollgate.Problem{
				Path: path, Message: "stands in this list already", Remedy: "name each upstream once",
			})
		}
	}
	return append(problems, r.validateWeights(at+".weights.")...)
}

// heaviest is the largest weight: shares need no finer scale.
const heaviest = 1000

func (r Route) validateWeights(at string) (problems []tollgate.Problem) {
	for _, name := range slices.Sorted(maps.Keys(r.Weights)) {
		if !slices.Contains(r.Upstreams, name) {
			problems = append(problems, tollgate.Problem{
				Path: at + name, Message: "is not among the upstreams of this route", Remedy: "add it to upstreams, or remove its weight",
			})
		}
		if weight := r.Weights[name]; weight < 1 || weight > heaviest {
			problems = append(problems, tollgate.Problem{
				Path: at + name, Message: fmt.Sprintf("cannot be %d", weight), Remedy: "write a whole number from 1 to 1000",
			})
		}
	}
	return problems
}

func (m Model) validate(at string, upstreams []string) (problems []tollgate.Problem) {
	if m.ID == "" || strings.ContainsAny(m.ID, "* \t\n") {
		problems = append(problems, tollgate.Problem{
			Path: at + ".id", Message: "must be the whole name of one model", Remedy: "write a name such as claude-opus-5-5",
		})
	}
	for name, id := range m.UpstreamIDs {
		path := at + ".upstream_ids." + name
		problems = append(problems, knownUpstream(path, name, upstreams)...)
		if id == "" {
			problems = append(problems, tollgate.Problem{
				Path: path, Message: "is empty", Remedy: "write the model's name at this upstream, or remove the line",
			})
		}
	}
	return problems
}

// globProblem keeps people from writing globs of other tools, which would
// silently match nothing: here only the star means something.
func globProblem(glob string) *tollgate.Problem {
	if glob == "" || strings.ContainsAny(glob, "?[]{}\\ \t\r\n") {
		return &tollgate.Problem{
			Message: "is not a glob for models", Remedy: "write a name such as claude-opus-*, in which only the star has a meaning",
		}
	}
	return nil
}

func knownUpstream(path, name string, upstreams []string) []tollgate.Problem {
	if len(upstreams) == 0 || slices.Contains(upstreams, name) {
		return nil
	}
	return []tollgate.Problem{{
		Path: path, Message: "is not the name of an upstream", Remedy: "there are: " + strings.Join(upstreams, ", "),
	}}
}
