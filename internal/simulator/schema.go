package simulator

import "encoding/json"

// schema is as much of a JSON Schema as is needed to make a value of it.
type schema struct {
	Type       any               `json:"type"` // a name, or a list of names
	Properties map[string]schema `json:"properties"`
	Required   []string          `json:"required"`
	Items      *schema           `json:"items"`
	Enum       []json.RawMessage `json:"enum"`
	Const      json.RawMessage   `json:"const"`
	MinItems   int               `json:"minItems"`
	AnyOf      []schema          `json:"anyOf"`
	OneOf      []schema          `json:"oneOf"`
}

// maxSchemaDepth bounds the value that is made of a schema.
const maxSchemaDepth = 8

// UnmarshalJSON reads a schema; true, false and anything odd mean "any value".
func (s *schema) UnmarshalJSON(data []byte) error {
	type plain schema
	if err := json.Unmarshal(data, (*plain)(s)); err != nil {
		*s = schema{}
	}
	return nil
}

// example makes a small value that satisfies s; every string in it is text.
func (s schema) example(text string, depth int) any {
	switch {
	case s.Const != nil:
		return s.Const
	case len(s.Enum) > 0:
		return s.Enum[0]
	case len(s.AnyOf) > 0 && depth < maxSchemaDepth:
		return s.AnyOf[0].example(text, depth+1)
	case len(s.OneOf) > 0 && depth < maxSchemaDepth:
		return s.OneOf[0].example(text, depth+1)
	}
	switch s.kind() {
	case "object":
		return s.exampleObject(text, depth)
	case "array":
		return s.exampleArray(text, depth)
	case "integer", "number":
		return 1
	case "boolean":
		return true
	case "null":
		return nil
	}
	return text
}

func (s schema) exampleObject(text string, depth int) any {
	object := map[string]any{}
	for _, name := range s.Required {
		if depth < maxSchemaDepth {
			object[name] = s.Properties[name].example(text, depth+1)
		}
	}
	return object
}

func (s schema) exampleArray(text string, depth int) any {
	list := []any{}
	for range min(max(s.MinItems, 1), 16) {
		if s.Items != nil && depth < maxSchemaDepth {
			list = append(list, s.Items.example(text, depth+1))
		}
	}
	return list
}

// kind is the type a value has to have; the first of a list.
func (s schema) kind() string {
	switch named := s.Type.(type) {
	case string:
		return named
	case []any:
		if len(named) > 0 {
			name, _ := named[0].(string)
			return name
		}
	}
	if len(s.Properties) > 0 {
		return "object"
	}
	return "string"
}
