package jsonedit

import (
	"bytes"
	"iter"
)

// Whoever only wants to know whether a name or a word may be in a document need
// not walk it. He hops: from colon to colon, which in source code are rarer than
// quotes, and there are all the names, and all the values that stand behind one.

// Colons yields where a colon stands, be it inside a text.
func Colons(doc []byte) iter.Seq[int] { return each(doc, ':') }

// Strokes yields where a stroke stands.
func Strokes(doc []byte) iter.Seq[int] { return each(doc, '/') }

// NameBefore is where a quoted text ends behind which only space stands before
// the colon, 0 when there is none.
func NameBefore(doc []byte, colon int) int {
	for end := colon; end > 0; end-- {
		switch doc[end-1] {
		case '"':
			return end
		case ' ', '\n', '\r', '\t':
		default:
			return 0
		}
	}
	return 0
}

// After is what follows the colon, without space.
func After(doc []byte, colon int) []byte { return doc[space(doc, colon+1):] }

// Disguised says whether a letter, a digit or an underscore is written by its
// number, so that a name or a word may be there in other bytes than its own.
func Disguised(doc []byte) bool {
	for at := range Numbers(doc) {
		if IsWord(doc[at:]) {
			return true
		}
	}
	return false
}

// IsWord says whether a hexadecimal number begins with the two digits of a
// letter, a digit or an underscore, or of what stands between them.
func IsWord(number []byte) bool {
	if len(number) < 2 {
		return false
	}
	return number[0] >= '4' && number[0] <= '7' || number[0] == '3' && number[1] <= '9'
}

// Numbers yields where the last two digits stand of a character below 256 that
// is written by its number. It hops from nought to nought.
func Numbers(doc []byte) iter.Seq[int] {
	return func(yield func(int) bool) {
		for at := range each(doc, '0') {
			if at < len(`\u`) || at+1 == len(doc) || doc[at+1] != '0' || doc[at-1] != 'u' || doc[at-2] != '\\' {
				continue
			}
			before := doc[:at-len(`\u`)]
			if escaped := (len(before)-len(bytes.TrimRight(before, `\`)))%2 != 0; !escaped && !yield(at+len(`00`)) {
				return
			}
		}
	}
}

// each yields where a byte stands.
func each(doc []byte, b byte) iter.Seq[int] {
	return func(yield func(int) bool) {
		for at := 0; ; at++ {
			hop := bytes.IndexByte(doc[at:], b)
			if hop < 0 || !yield(at+hop) {
				return
			}
			at += hop
		}
	}
}
