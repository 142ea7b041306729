package store

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"tollgate"
)

// kind reads and writes the values of an attribute.
type kind tollgate.AttributeKind

// kindOf looks an attribute up. The list of them is the only way from a user's
// words into SQL.
func kindOf(name string) (k kind, known bool) {
	found, known := tollgate.KindOfAttribute(name)
	return kind(found), known
}

// column is where an attribute is kept: most have a column of their name.
func column(attribute string) string {
	if attribute == "inference_geo" {
		return "geo"
	}
	return attribute
}

// filter adds a condition for every attribute in where, one of its values, to the
// conditions that its column belongs to.
func filter(where map[string][]string, of func(column string) *conditions) error {
	for _, name := range slices.Sorted(maps.Keys(where)) {
		kind, known := kindOf(name)
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
		of(column(name)).oneOf(column(name), values)
	}
	return nil
}

// attributeNames is the list for people.
func attributeNames() string {
	return strings.Join(tollgate.Attributes(), ", ")
}

// parse reads a user's word as the column keeps it.
func (k kind) parse(name, word string) (any, error) {
	switch tollgate.AttributeKind(k) {
	case tollgate.NumberAttribute:
		n, err := strconv.ParseInt(word, 10, 64)
		if err != nil {
			return nil, tollgate.Errorf(tollgate.Invalid, "%s is a number, not %q", name, word)
		}
		return n, nil
	case tollgate.BooleanAttribute:
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
	case k == kind(tollgate.BooleanAttribute):
		return strconv.FormatBool(n != 0)
	default:
		return strconv.FormatInt(n, 10)
	}
}
