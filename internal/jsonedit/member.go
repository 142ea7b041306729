// Package jsonedit finds the members of a JSON object in its bytes, and edits
// them in place, so that everything else stays as it was written: order,
// spacing, escapes, numbers too long for any type.
//
// It is not a validator. It proves the outermost object to be well-formed and
// every bracket and string inside it to be closed, which is what it takes to
// know where a member begins and ends; what else stands inside a value is the
// receiver's to judge. Members
// decodes no value, allocates for none, and crosses every byte exactly once.
package jsonedit

import (
	"bytes"
	"encoding/json"
	"errors"
	"iter"
)

// ErrNotObject is yielded for bytes that are not one JSON object.
var ErrNotObject = errors.New("not one well-formed JSON object")

// Member is one member of an object. Its slices point into the document.
type Member struct {
	rawKey []byte // between the quotes
	Value  []byte // as written, without the space around it
	At     int    // where Value begins in the document
	from   int    // where the quote before its key stands there
}

// Key decodes the member's name.
func (m Member) Key() string {
	name, _ := Text(append(append([]byte{'"'}, m.rawKey...), '"'))
	return name
}

// end is the index behind Value.
func (m Member) end() int { return m.At + len(m.Value) }

// Is says whether the member has this name, which must be plain ASCII,
// whichever way its letters were written: "\u006dodel" is "model".
func (m Member) Is(name string) bool {
	if len(m.rawKey) == len(name) {
		return string(m.rawKey) == name
	}
	rest := m.rawKey
	for i := range len(name) {
		n := letter(rest, name[i])
		if n == 0 {
			return false
		}
		rest = rest[n:]
	}
	return len(rest) == 0
}

// letter returns how many bytes of raw, the inside of a JSON string, stand for
// the letter b at its beginning, or 0 when another stands there. The letters
// of a name never need one of the short escapes.
func letter(raw []byte, b byte) int {
	const escape = `\u00`
	switch {
	case len(raw) > 0 && raw[0] == b && b != '\\':
		return 1
	case len(raw) < len(escape)+2 || string(raw[:len(escape)]) != escape:
		return 0
	case hexDigit(raw[4])<<4|hexDigit(raw[5]) != int(b):
		return 0
	}
	return len(escape) + 2
}

// hexDigit is the digit's value, or more than any byte for another character.
func hexDigit(b byte) int {
	switch {
	case b >= '0' && b <= '9':
		return int(b - '0')
	case b >= 'a' && b <= 'f':
		return int(b-'a') + 10
	case b >= 'A' && b <= 'F':
		return int(b-'A') + 10
	}
	return 1 << 8
}

// Text decodes a value that is a string. ok is false when it is not one.
func (m Member) Text() (text string, ok bool) { return Text(m.Value) }

// Text decodes a JSON string. ok is false when value is not one.
func Text(value []byte) (text string, ok bool) {
	if len(value) < 2 || value[0] != '"' {
		return "", false
	}
	if inner := value[1 : len(value)-1]; bytes.IndexByte(inner, '\\') < 0 {
		return string(inner), true
	}
	return text, json.Unmarshal(value, &text) == nil
}

// Members walks the members of the object that doc consists of, in order,
// repeated names included. It yields ErrNotObject as its last word when doc
// turns out not to be one whole object; members yielded before that stood
// there all the same.
func Members(doc []byte) iter.Seq2[Member, error] {
	return func(yield func(Member, error) bool) {
		if i := space(doc, 0); i == len(doc) || doc[i] != '{' {
			yield(Member{}, ErrNotObject)
		} else if end, wanted := object(doc, i, yield); wanted && (end < 0 || space(doc, end) != len(doc)) {
			yield(Member{}, ErrNotObject)
		}
	}
}

// object walks the members of the object that begins at i. It returns the index
// after it, -1 when it is not well-formed, and whether more is wanted.
func object(doc []byte, i int, yield func(Member, error) bool) (end int, wanted bool) {
	if i = space(doc, i+1); i < len(doc) && doc[i] == '}' {
		return i + 1, true
	}
	for {
		member, next := memberAt(doc, i)
		if next < 0 {
			return -1, true
		}
		if !yield(member, nil) {
			return -1, false
		}
		switch i = space(doc, next); {
		case i < len(doc) && doc[i] == ',':
			i = space(doc, i+1)
		case i < len(doc) && doc[i] == '}':
			return i + 1, true
		default:
			return -1, true
		}
	}
}

// MembersOfElements walks the members of all objects in the array that doc
// consists of, crossing it once, and yields nothing when it is not one.
// ErrNotObject is its last word when one of them is not well-formed.
func MembersOfElements(doc []byte) iter.Seq2[Member, error] {
	return func(yield func(Member, error) bool) {
		i := space(doc, 0)
		for open := byte('['); i < len(doc) && doc[i] == open; open = ',' {
			end, wanted := space(doc, i+1), true
			if end < len(doc) && doc[end] == '{' {
				end, wanted = object(doc, end, yield)
			} else {
				end = valueEnd(doc, end)
			}
			if end < 0 {
				if wanted {
					yield(Member{}, ErrNotObject)
				}
				return
			}
			i = space(doc, end)
		}
	}
}

// Elements walks the values of the array that doc consists of, and yields
// nothing when it is not one.
func Elements(doc []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for _, element := range ElementsAt(doc) {
			if !yield(element) {
				return
			}
		}
	}
}

// ElementsAt is Elements with the place at which each one begins.
func ElementsAt(doc []byte) iter.Seq2[int, []byte] {
	return func(yield func(int, []byte) bool) {
		i := space(doc, 0)
		if i == len(doc) || doc[i] != '[' {
			return
		}
		for {
			i = space(doc, i+1)
			end := valueEnd(doc, i)
			if end < 0 || !yield(i, doc[i:end]) {
				return
			}
			if i = space(doc, end); i == len(doc) || doc[i] != ',' {
				return
			}
		}
	}
}

// Find returns the last member of this name, which is the one that JSON
// readers of every common make use.
func Find(doc []byte, name string) (found Member, ok bool) {
	for member, err := range Members(doc) {
		if err == nil && member.Is(name) {
			found, ok = member, true
		}
	}
	return found, ok
}

// memberAt reads `"key" : value` at i and returns what follows it, or -1.
func memberAt(doc []byte, i int) (Member, int) {
	if i >= len(doc) || doc[i] != '"' {
		return Member{}, -1
	}
	keyEnd := stringEnd(doc, i+1)
	if keyEnd < 0 {
		return Member{}, -1
	}
	colon := space(doc, keyEnd)
	if colon >= len(doc) || doc[colon] != ':' {
		return Member{}, -1
	}
	start := space(doc, colon+1)
	end := valueEnd(doc, start)
	if end < 0 {
		return Member{}, -1
	}
	return Member{rawKey: doc[i+1 : keyEnd-1], Value: doc[start:end], At: start, from: i}, end
}

// space returns the first index from i on that is not JSON white space.
func space(doc []byte, i int) int {
	for i < len(doc) && (doc[i] == ' ' || doc[i] == '\n' || doc[i] == '\r' || doc[i] == '\t') {
		i++
	}
	return i
}

// stringEnd returns the index after the quote that closes the string whose
// first character is at i, or -1. A quote is escaped when an odd number of
// backslashes stands before it; runs of backslashes do not overlap, so the
// walk stays linear.
func stringEnd(doc []byte, i int) int {
	start := i
	for {
		n := bytes.IndexByte(doc[i:], '"')
		if n < 0 {
			return -1
		}
		i += n
		back := i
		for back > start && doc[back-1] == '\\' {
			back--
		}
		if (i-back)%2 == 0 {
			return i + 1
		}
		i++
		start = i
	}
}

// valueEnd returns the index after the value that begins at i, or -1.
func valueEnd(doc []byte, i int) int {
	if i >= len(doc) {
		return -1
	}
	switch doc[i] {
	case '"':
		return stringEnd(doc, i+1)
	case '{', '[':
		return nestEnd(doc, i)
	}
	start := i
	for i < len(doc) && scalarByte[doc[i]] {
		i++
	}
	if i == start {
		return -1
	}
	return i
}

// scalarByte holds the bytes that numbers, true, false and null are made of.
var scalarByte = func() (set [256]bool) {
	for _, b := range []byte("+-.0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") {
		set[b] = true
	}
	return set
}()

// structural marks the bytes that nestEnd has to stop at.
var structural = [256]bool{'"': true, '{': true, '}': true, '[': true, ']': true}

// nestEnd returns the index after the bracket that closes the one at i, or -1
// when brackets do not match or a string never ends.
func nestEnd(doc []byte, i int) int {
	var shallow [64]byte
	open := shallow[:0]
	for ; i < len(doc); i++ {
		if !structural[doc[i]] {
			continue
		}
		switch b := doc[i]; b {
		case '"':
			if i = stringEnd(doc, i+1) - 1; i < 0 {
				return -1
			}
		case '{', '[':
			open = append(open, b+2) // in ASCII the closing bracket stands two after the opening one
		default:
			if open[len(open)-1] != b {
				return -1
			}
			if open = open[:len(open)-1]; len(open) == 0 {
				return i + 1
			}
		}
	}
	return -1
}
