package capability

import (
	"bytes"
	"strings"
)

// words are what the bytes of a value hold in which a place of interest is.
// Most values hold none, and to see that takes one pass, where a walk takes one
// for every level.
type words struct {
	names  [][]byte // of members
	values [][]byte // beginnings of texts
}

// gate notes at every node which words belong to the places below it.
func (n *node) gate() (below words) {
	for _, child := range n.next {
		inside := child.gate()
		below.names = append(below.names, inside.names...)
		below.values = append(below.values, inside.values...)
		if len(child.features) > 0 {
			below.take(child.step)
		}
	}
	n.words = below
	return below
}

func (w *words) take(s step) {
	if !s.element {
		w.names = append(w.names, []byte(s.name))
		return
	}
	prefix, _, _ := strings.Cut(s.glob, "*")
	w.values = append(w.values, []byte(prefix))
}

// in says whether one of the words may be in a value: every name and every text
// in it begins and ends with a quote.
func (w *words) in(value []byte) bool {
	last := -1
	for i := 0; ; i++ {
		n := bytes.IndexByte(value[i:], '"')
		if n < 0 {
			return false
		}
		i += n
		if ends(value, i) && w.nameIn(value[last+1:i]) || w.opens(value[i+1:]) {
			return true
		}
		last = i
	}
}

// ends says whether what ends with the quote at i is the name of a member.
func ends(value []byte, i int) bool {
	for i++; i < len(value); i++ {
		switch value[i] {
		case ':':
			return true
		case ' ', '\n', '\r', '\t':
		default:
			return false
		}
	}
	return false
}

// nameIn says whether a name is one of the words, or may be since letters of it
// are written by their numbers.
func (w *words) nameIn(name []byte) bool {
	for _, word := range w.names {
		if len(word) == len(name) && string(word) == string(name) {
			return true
		}
	}
	return len(w.names) > 0 && len(name) >= 6 && bytes.Contains(name, []byte(`\u00`))
}

func (w *words) opens(text []byte) bool {
	for _, word := range w.values {
		if len(text) > 0 && len(word) > 0 && text[0] == word[0] && bytes.HasPrefix(text, word) {
			return true
		}
	}
	return false
}
