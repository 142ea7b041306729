package config

import (
	"encoding"
	"reflect"
	"slices"
	"strings"

	"tollgate/internal/secret"
)

// Changed names the members at the top of a configuration that differ in
// another, in alphabetical order. It compares secrets and shows none.
func Changed(old, new *Config) []string {
	names := changed(reflect.ValueOf(*old), reflect.ValueOf(*new))
	slices.Sort(names)
	return names
}

func changed(old, new reflect.Value) (names []string) {
	for i := range old.NumField() {
		field := old.Type().Field(i)
		if field.Anonymous {
			names = append(names, changed(old.Field(i), new.Field(i))...)
		} else if !same(old.Field(i), new.Field(i)) {
			if name, _, _ := strings.Cut(field.Tag.Get("yaml"), ","); name != "-" {
				names = append(names, name)
			}
		}
	}
	return names
}

// same compares as far as a configuration goes: what has a text by its text, and
// a secret by what it is.
func same(a, b reflect.Value) bool {
	if secretA, is := a.Interface().(secret.String); is {
		return secretA.Reveal() == b.Interface().(secret.String).Reveal()
	}
	if textA, is := a.Interface().(encoding.TextMarshaler); is && a.Kind() != reflect.Pointer {
		one, _ := textA.MarshalText()
		other, _ := b.Interface().(encoding.TextMarshaler).MarshalText()
		return string(one) == string(other)
	}
	switch a.Kind() {
	case reflect.Pointer:
		return a.IsNil() == b.IsNil() && (a.IsNil() || same(a.Elem(), b.Elem()))
	case reflect.Slice:
		return a.Len() == b.Len() && all(a.Len(), func(i int) bool { return same(a.Index(i), b.Index(i)) })
	case reflect.Map:
		return a.Len() == b.Len() && !slices.ContainsFunc(a.MapKeys(), func(key reflect.Value) bool {
			return !b.MapIndex(key).IsValid() || !same(a.MapIndex(key), b.MapIndex(key))
		})
	case reflect.Struct:
		return all(a.NumField(), func(i int) bool { return !a.Type().Field(i).IsExported() || same(a.Field(i), b.Field(i)) })
	default:
		return a.Equal(b)
	}
}

func all(n int, holds func(i int) bool) bool {
	for i := range n {
		if !holds(i) {
			return false
		}
	}
	return true
}
