package config

import (
	"encoding/json"
	"slices"

	"go.yaml.in/yaml/v4"
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

// tree goes through text, so that every type speaks for itself: a secret
// masks itself, a duration has its unit.
func (c *Config) tree() (*yaml.Node, error) {
	type fields Config // without the methods of Config
	text, err := yaml.Dump((*fields)(c))
	if err != nil {
		return nil, err
	}
	var document yaml.Node
	if err := yaml.Load(text, &document); err != nil {
		return nil, err
	}
	return pruned(document.Content[0]), nil
}

// pruned leaves out the keys that hold nothing.
func pruned(node *yaml.Node) *yaml.Node {
	for _, child := range node.Content {
		pruned(child)
	}
	if node.Kind != yaml.MappingNode {
		return node
	}
	var kept []*yaml.Node
	for pair := range slices.Chunk(node.Content, 2) {
		if !isEmpty(pair[1]) {
			kept = append(kept, pair...)
		}
	}
	node.Content = kept
	return node
}

func isEmpty(node *yaml.Node) bool {
	if node.Kind == yaml.ScalarNode {
		return isNull(node) || node.Value == ""
	}
	return len(node.Content) == 0
}
