package sink

import (
	"maps"
	"reflect"

	"tollgate/internal/secret"
)

// same says whether nothing differs from another sink.
func (c Config) same(other Config) bool {
	a, b := reflect.ValueOf(c), reflect.ValueOf(other)
	for i := range a.NumField() {
		if !sameMember(a.Field(i).Interface(), b.Field(i).Interface()) {
			return false
		}
	}
	return true
}

func sameMember(a, b any) bool {
	switch a := a.(type) {
	case secret.String:
		return sameSecret(a, b.(secret.String))
	case map[string]secret.String:
		return maps.EqualFunc(a, b.(map[string]secret.String), sameSecret)
	default:
		return a == b
	}
}

func sameSecret(a, b secret.String) bool { return a.Reveal() == b.Reveal() }
