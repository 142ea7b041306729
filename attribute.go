package tollgate

import (
	"maps"
	"slices"
)

// AttributeKind is how the values of an attribute are written.
type AttributeKind uint8

// The kinds.
const (
	TextAttribute    AttributeKind = iota
	NumberAttribute                // an integer
	BooleanAttribute               // true or false
)

// attributes are what requests can be chosen and usage be grouped by, under
// their names in JSON.
var attributes = map[string]AttributeKind{
	"key":            TextAttribute,
	"credential":     TextAttribute,
	"developer":      TextAttribute,
	"service":        TextAttribute,
	"team":           TextAttribute,
	"session":        TextAttribute,
	"agent":          TextAttribute,
	"parent_agent":   TextAttribute,
	"request_class":  TextAttribute,
	"project":        TextAttribute,
	"prompt":         TextAttribute,
	"client":         TextAttribute,
	"device":         TextAttribute,
	"account":        TextAttribute,
	"door":           TextAttribute,
	"operation":      TextAttribute,
	"model":          TextAttribute,
	"upstream":       TextAttribute,
	"upstream_model": TextAttribute,
	"served_model":   TextAttribute,
	"moved_from":     TextAttribute,
	"status":         NumberAttribute,
	"stream":         BooleanAttribute,
	"speed":          TextAttribute,
	"inference_geo":  TextAttribute,
	"service_tier":   TextAttribute,
	"stop_reason":    TextAttribute,
	"estimated":      BooleanAttribute,
	"interrupted":    BooleanAttribute,
	"error":          TextAttribute,
}

// KindOfAttribute says how an attribute's values are written, and whether there
// is one of this name.
func KindOfAttribute(name string) (kind AttributeKind, known bool) {
	kind, known = attributes[name]
	return kind, known
}

// Attributes are their names in the order of the alphabet.
func Attributes() []string { return slices.Sorted(maps.Keys(attributes)) }
