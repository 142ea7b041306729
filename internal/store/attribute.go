package store

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"tollgate"
)

// kind is how the values of an attribute are written.
type kind uint8

const (
	text    kind = iota
	number       // an integer
	boolean      // true or false
)

// attributes are what users may filter and group by. This list is the only way
// from a user's words into SQL.
var attributes = map[string]kind{
	"key":            text,
	"developer":      text,
	"service":        text,
	"team":           text,
	"session":        text,
	"agent":          text,
	"parent_agent":   text,
	"request_class":  text,
	"prompt":         text,
	"client":         text,
	"device":         text,
	"account":        text,
	"door":           text,
	"operation":      text,
	"model":          text,
	"upstream":       text,
	"upstream_model": text,
	"served_model":   text,
	"status":         number,
	"stream":         boolean,
	"speed":          text,
	"inference_geo":  text,
	"service_tier":   text,
	"stop_reason":    text,
	"estimated":      boolean,
	"interrupted":    boolean,
	"error":          text,
}

// column is where an attribute is kept: most have a column of their name.
func column(attribute string) string {
	if attribute == "inference_geo" {
		return "geo"
	}
	return attribute
}

// Attributes are the names that usage may be grouped and requests be chosen
// by, in the order of the alphabet.
func Attributes() []string { return slices.Sorted(maps.Keys(attributes)) }

// filter adds a condition for every attribute in where: one of its values.
func filter(chosen *conditions, where map[string][]string) error {
	for _, name := range slices.Sorted(maps.Keys(where)) {
		kind, known := attributes[name]
		if !known {
			return tollgate.Errorf(tollgate.Invalid, "%q is not an attribute to filter by; there are: %s", name, attributeNames())
		}
		values := make([]any, 0, len(where[name]))
		for _, word := range where[name] {
			value, err := kind.parse(name, word)
			if err != nil {
				return err
			}
			values = append(values, value)
		}
		if len(values) > 0 {
			chosen.and(column(name)+" IN ("+placeholders(len(values))+")", values...)
		}
	}
	return nil
}

// attributeNames is the list for people.
func attributeNames() string {
	return strings.Join(Attributes(), ", ")
}

// parse reads a user's word as the column keeps it.
func (k kind) parse(name, word string) (any, error) {
	switch k {
	case number:
		n, err := strconv.ParseInt(word, 10, 64)
		if err != nil {
			return nil, tollgate.Errorf(tollgate.Invalid, "%s is a number, not %q", name, word)
		}
		return n, nil
	case boolean:
		set, err := strconv.ParseBool(word)
		if err != nil {
			return nil, tollgate.Errorf(tollgate.Invalid, "%s is true or false, not %q", name, word)
		}
		return bit(set), nil
	default:
		return word, nil
	}
}

// format writes what the column keeps as a user reads it.
func (k kind) format(value any) string {
	n, isNumber := value.(int64)
	switch {
	case !isNumber:
		return asText(value)
	case k == boolean:
		return strconv.FormatBool(n != 0)
	default:
		return strconv.FormatInt(n, 10)
	}
}
