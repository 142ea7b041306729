package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"tollgate"
)

// decoder fills structs from YAML nodes by their yaml tags. It goes on after
// every mistake, and it remembers where each path stands, so that the rules
// that are checked afterwards can point at a line too.
type decoder struct {
	look     Lookup
	lines    map[string]int
	broken   map[string]bool   // paths whose value could not be taken over
	resolved map[string]string // what references stand for, and how they are written
	problems []tollgate.Problem
}

func newDecoder(look Lookup) *decoder {
	return &decoder{look: look, lines: map[string]int{}, broken: map[string]bool{}, resolved: map[string]string{}}
}

// fail reports a value that cannot be taken over.
func (d *decoder) fail(path string, node *yaml.Node, message, remedy string) {
	d.broken[path] = true
	d.note(path, node, message, remedy)
}

func (d *decoder) note(path string, node *yaml.Node, message, remedy string) {
	d.problems = append(d.problems, tollgate.Problem{Path: path, Line: node.Line, Message: message, Remedy: remedy})
}

// decode takes node over into a settable value. An absent value (null) leaves
// the default alone.
func (d *decoder) decode(node *yaml.Node, into reflect.Value, path string) {
	kind := into.Kind()
	switch {
	case node.Kind == yaml.AliasNode || node.Anchor != "":
		d.fail(path, node, "anchors and aliases are not read", "write the value out")
	case node.Style&yaml.TaggedStyle != 0:
		d.fail(path, node, "tags are not read", "leave the tag out")
	case isNull(node):
	case isScalar(into.Type()):
		d.scalar(node, into, path)
	case kind == reflect.Pointer:
		into.Set(reflect.New(into.Type().Elem()))
		d.decode(node, into.Elem(), path)
	case kind == reflect.Slice && node.Kind == yaml.SequenceNode:
		d.sequence(node, into, path)
	case kind == reflect.Map && node.Kind == yaml.MappingNode:
		d.mapping(node, into, path)
	case kind == reflect.Struct && node.Kind == yaml.MappingNode:
		d.structure(node, into, path)
	default:
		d.wrongShape(node, into, path)
	}
}

func isNull(node *yaml.Node) bool { return node.Kind == yaml.ScalarNode && node.Tag == "!!null" }

func (d *decoder) sequence(node *yaml.Node, into reflect.Value, path string) {
	into.Set(reflect.MakeSlice(into.Type(), len(node.Content), len(node.Content)))
	for i, item := range node.Content {
		at := fmt.Sprintf("%s[%d]", path, i)
		d.lines[at] = item.Line
		d.decode(item, into.Index(i), at)
	}
}

func (d *decoder) mapping(node *yaml.Node, into reflect.Value, path string) {
	into.Set(reflect.MakeMap(into.Type()))
	for key, item := range d.members(node, path) {
		value := reflect.New(into.Type().Elem()).Elem()
		d.decode(item, value, join(path, key.Value))
		into.SetMapIndex(reflect.ValueOf(key.Value), value)
	}
}

func (d *decoder) structure(node *yaml.Node, into reflect.Value, path string) {
	fields := fieldsOf(into.Type())
	for key, item := range d.members(node, path) {
		if field, known := fields[key.Value]; known {
			d.decode(item, into.FieldByIndex(field), join(path, key.Value))
		} else {
			d.unknown(key, path, fields)
		}
	}
}

// members yields the pairs of a mapping whose key is a word that has not
// stood there before, and notes where they are.
func (d *decoder) members(node *yaml.Node, path string) func(yield func(key, value *yaml.Node) bool) {
	return func(yield func(key, value *yaml.Node) bool) {
		seen := map[string]int{}
		for i := 0; i+1 < len(node.Content); i += 2 {
			key, value := node.Content[i], node.Content[i+1]
			first, again := seen[key.Value]
			switch {
			case key.Kind != yaml.ScalarNode || key.Value == "":
				d.note(path, key, "a key must be a word", "write key: value")
			case again:
				d.fail(join(path, key.Value), key, fmt.Sprintf("is there already, in line %d", first), "keep one of the two")
			default:
				seen[key.Value] = key.Line
				d.lines[join(path, key.Value)] = key.Line
				if !yield(key, value) {
					return
				}
			}
		}
	}
}

func (d *decoder) unknown(key *yaml.Node, path string, fields map[string][]int) {
	at := join(path, key.Value)
	var known []string
	for name := range fields {
		known = append(known, name)
	}
	slices.Sort(known)
	d.fail(at, key, "is not a known key",
		didYouMean(key.Value, known, "known here: "+strings.Join(known, ", ")))
}

func (d *decoder) wrongShape(node *yaml.Node, into reflect.Value, path string) {
	is := map[yaml.Kind]string{yaml.ScalarNode: "a single value", yaml.SequenceNode: "a list", yaml.MappingNode: "a mapping"}
	must := "a mapping of keys to values"
	if into.Kind() == reflect.Slice {
		must = "a list"
	}
	d.fail(path, node, fmt.Sprintf("must be %s, not %s", must, is[node.Kind]), "see tollgate config reference")
}

// fieldsOf maps the keys of a struct to its fields, those of inlined structs
// included.
func fieldsOf(structure reflect.Type) map[string][]int {
	fields := map[string][]int{}
	for _, field := range reflect.VisibleFields(structure) {
		if key, _, _ := strings.Cut(field.Tag.Get("yaml"), ","); key != "" && key != "-" {
			fields[key] = field.Index
		}
	}
	return fields
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
