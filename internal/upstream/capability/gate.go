package capability

import (
	"bytes"
	"slices"
	"strings"

	"tollgate/internal/jsonedit"
)

// words are what the bytes of a value hold in which a place of interest is.
// Most values hold none, and to see that takes one pass, where a walk takes one
// for every level.
type words struct {
	names  [][]byte // of members, in quotes
	values [][]byte // beginnings of texts, with the quote
}

// gate notes at every node which words belong to the places below it.
func (n *node) gate() (below words) {
	for _, child := range n.next {
		inside := child.gate()
		below.names = union(below.names, inside.names...)
		below.values = union(below.values, inside.values...)
		if len(child.features) > 0 {
			below.take(child.step)
		}
	}
	n.words = below
	return below
}

func (w *words) take(s step) {
	if !s.element {
		w.names = union(w.names, []byte(`"`+s.name+`"`))
		return
	}
	prefix, _, _ := strings.Cut(s.glob, "*")
	w.values = union(w.values, []byte(`"`+prefix))
}

func union(words [][]byte, more ...[]byte) [][]byte {
	for _, word := range more {
		if !slices.ContainsFunc(words, func(w []byte) bool { return bytes.Equal(w, word) }) {
			words = append(words, word)
		}
	}
	return words
}

// in says whether one of the words may be in a value: as a name before a colon,
// as a text behind one, or with letters that are written by their numbers.
func (w *words) in(value []byte) bool {
	for colon := range jsonedit.Colons(value) {
		if end := jsonedit.NameBefore(value, colon); end > 0 && w.closes(value[:end]) || w.opens(jsonedit.After(value, colon)) {
			return true
		}
	}
	return jsonedit.Disguised(value)
}

// closes says whether a name ends the text.
func (w *words) closes(text []byte) bool {
	for _, name := range w.names {
		if bytes.HasSuffix(text, name) {
			return true
		}
	}
	return false
}

func (w *words) opens(text []byte) bool {
	for _, word := range w.values {
		if bytes.HasPrefix(text, word) {
			return true
		}
	}
	return false
}
