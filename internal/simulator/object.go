package simulator

import (
	"bytes"
	"encoding/json"
	"slices"
)

// object is a JSON object whose members stay in the order they are written:
// names and values in turn.
type object []any

// MarshalJSON writes the members in order.
func (o object) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('{')
	for i := 0; i < len(o); i += 2 {
		if i > 0 {
			out.WriteByte(',')
		}
		out.Write(mustJSON(o[i]))
		out.WriteByte(':')
		out.Write(mustJSON(o[i+1]))
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// with returns a copy in which name has this value, in its old place or at
// the end.
func (o object) with(name string, value any) object {
	changed := slices.Clone(o)
	for i := 0; i < len(changed); i += 2 {
		if changed[i] == name {
			changed[i+1] = value
			return changed
		}
	}
	return append(changed, name, value)
}

// get is the value of a member, nil when there is none.
func (o object) get(name string) any {
	for i := 0; i < len(o); i += 2 {
		if o[i] == name {
			return o[i+1]
		}
	}
	return nil
}

// without returns a copy that has no member of this name.
func (o object) without(name string) object {
	var kept object
	for i := 0; i < len(o); i += 2 {
		if o[i] != name {
			kept = append(kept, o[i], o[i+1])
		}
	}
	return kept
}

var _ json.Marshaler = object{}
