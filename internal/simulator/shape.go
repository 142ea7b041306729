package simulator

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"tollgate"
)

// shapeProblems finds, at once and in words that are not Go's, what in a script
// has another shape than the type it is read into: unknown keys, lists in
// place of mappings, words in place of numbers.
func shapeProblems(node *yaml.Node, into reflect.Type, at string) []tollgate.Problem {
	for into.Kind() == reflect.Pointer {
		into = into.Elem()
	}
	switch kind := into.Kind(); {
	case kind == reflect.Interface, node.Tag == "!!null":
		return nil
	case node.Kind == yaml.AliasNode || node.Anchor != "":
		return shapeProblem(node, at, "anchors and aliases are not read", "write the value out")
	case kind == reflect.Struct && node.Kind == yaml.MappingNode:
		return structProblems(node, into, at)
	case kind == reflect.Map && node.Kind == yaml.MappingNode:
		return mapProblems(node, into, at)
	case kind == reflect.Slice && node.Kind == yaml.SequenceNode:
		return listProblems(node, into, at)
	case node.Kind == yaml.ScalarNode && node.Decode(reflect.New(into).Interface()) == nil && kind != reflect.Struct:
		return nil
	}
	return shapeProblem(node, at, "must be "+shapeOf(into), "see tollgate simulate --help")
}

func structProblems(node *yaml.Node, into reflect.Type, at string) (problems []tollgate.Problem) {
	fields := map[string]reflect.Type{}
	var known []string
	for _, field := range reflect.VisibleFields(into) {
		if name := field.Tag.Get("yaml"); name != "" {
			fields[name], known = field.Type, append(known, name)
		}
	}
	for pair := range slices.Chunk(node.Content, 2) {
		key := pair[0]
		if field, ok := fields[key.Value]; ok {
			problems = append(problems, shapeProblems(pair[1], field, within(at, key.Value))...)
		} else {
			problems = append(problems, shapeProblem(key, within(at, key.Value), "is not a known key", "known here: "+strings.Join(known, ", "))...)
		}
	}
	return problems
}

func mapProblems(node *yaml.Node, into reflect.Type, at string) (problems []tollgate.Problem) {
	for pair := range slices.Chunk(node.Content, 2) {
		problems = append(problems, shapeProblems(pair[1], into.Elem(), within(at, pair[0].Value))...)
	}
	return problems
}

func listProblems(node *yaml.Node, into reflect.Type, at string) (problems []tollgate.Problem) {
	for i, item := range node.Content {
		problems = append(problems, shapeProblems(item, into.Elem(), fmt.Sprintf("%s[%d]", at, i))...)
	}
	return problems
}

func shapeProblem(node *yaml.Node, at, message, remedy string) []tollgate.Problem {
	return []tollgate.Problem{{Path: at, Line: node.Line, Message: message, Remedy: remedy}}
}

func within(at, key string) string { return strings.TrimPrefix(at+"."+key, ".") }

// shapeOf says what a value of the type looks like in a script.
func shapeOf(into reflect.Type) string {
	switch {
	case into == reflect.TypeFor[Script]():
		return "a mapping with the key rules, and the list of rules below it"
	case into == reflect.TypeFor[time.Duration]():
		return "a duration such as 20ms or 1s"
	case into.Kind() == reflect.Struct || into.Kind() == reflect.Map:
		return "a mapping of keys to values"
	case into.Kind() == reflect.Slice:
		return "a list"
	case into.Kind() == reflect.Bool:
		return "true or false"
	case into.Kind() == reflect.Int:
		return "a whole number"
	default:
		return "a text"
	}
}
