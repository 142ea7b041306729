package config

import (
	"encoding/json"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"tollgate"
)

// YAML is the configuration in force, as a file: defaults filled in, secrets
// masked, what is not set left out.
func (c *Config) YAML() ([]byte, error) {
	tree, err := c.tree()
	if err != nil {
		return nil, err
	}
	return yaml.Dump(tree)
}

// MarshalJSON is the same under the same names.
func (c *Config) MarshalJSON() ([]byte, error) {
	tree, err := c.tree()
	if err != nil {
		return nil, err
	}
	var plain any
	if err := tree.Decode(&plain); err != nil {
		return nil, err
	}
	return json.Marshal(plain)
}

func (c *Config) tree() (*yaml.Node, error) { return written(reflect.ValueOf(*c)) }

// written is the inverse of decode: what one would write into the file. What
// holds nothing becomes an empty node.
func written(value reflect.Value) (*yaml.Node, error) {
	switch kind := value.Kind(); {
	case isScalar(value.Type()):
		node := new(yaml.Node)
		return node, node.Encode(scalarAsWritten(value.Interface()))
	case kind == reflect.Pointer && value.IsNil():
		return new(yaml.Node), nil
	case kind == reflect.Pointer:
		return written(value.Elem())
	case kind == reflect.Slice:
		return writtenList(value)
	case kind == reflect.Map:
		return writtenMapping(value)
	default:
		return writtenStructure(value)
	}
}

func writtenList(value reflect.Value) (*yaml.Node, error) {
	list := &yaml.Node{Kind: yaml.SequenceNode}
	for i := range value.Len() {
		item, err := written(value.Index(i))
		if err != nil {
			return nil, err
		}
		list.Content = append(list.Content, item)
	}
	return list, nil
}

func writtenMapping(value reflect.Value) (*yaml.Node, error) {
	mapping := &yaml.Node{Kind: yaml.MappingNode}
	keys := value.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	for _, key := range keys {
		if err := addMember(mapping, key.String(), value.MapIndex(key)); err != nil {
			return nil, err
		}
	}
	return mapping, nil
}

func writtenStructure(value reflect.Value) (*yaml.Node, error) {
	mapping := &yaml.Node{Kind: yaml.MappingNode}
	for _, field := range reflect.VisibleFields(value.Type()) {
		key, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		if key == "" || key == "-" {
			continue
		}
		if err := addMember(mapping, key, value.FieldByIndex(field.Index)); err != nil {
			return nil, err
		}
	}
	return mapping, nil
}

// addMember leaves out what holds nothing.
func addMember(mapping *yaml.Node, key string, value reflect.Value) error {
	node, err := written(value)
	if err != nil || isEmpty(node) {
		return err
	}
	name := new(yaml.Node)
	name.SetString(key)
	mapping.Content = append(mapping.Content, name, node)
	return nil
}

func isEmpty(node *yaml.Node) bool {
	return node.Value == "" && len(node.Content) == 0
}

// scalarAsWritten is the value in the form that people write it in, where Go
// has one of its own.
func scalarAsWritten(value any) any {
	switch value := value.(type) {
	case time.Duration:
		return formatDuration(value)
	case slog.Level:
		return strings.ToLower(value.String())
	case tollgate.ByteSize:
		return value.String()
	default:
		return value
	}
}
