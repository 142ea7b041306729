package body

import (
	"bytes"
	"encoding/json"
	"iter"
)

// unit reads the character at i as whoever decodes the text sees it, and how
// many bytes it takes. Text in JSON in text has more strokes than one before what
// they escape; all of them are one unit with it. What is beyond ASCII is 0xFF.
func unit(text []byte, i int) (c byte, width int) {
	if text[i] != '\\' {
		return text[i], 1
	}
	strokes := 1
	for i+strokes < len(text) && text[i+strokes] == '\\' {
		strokes++
	}
	if i+strokes == len(text) {
		return '\\', strokes
	}
	next := text[i+strokes]
	if next == 'u' {
		if c, ok := hexUnit(text[i+strokes+1:]); ok {
			return c, strokes + 5
		}
	}
	if plain := escaped[next]; plain != 0 && (strokes%2 == 1 || next != '"' && next != '\\') {
		return plain, strokes + 1
	}
	if strokes%2 == 0 {
		return '\\', strokes
	}
	return next, strokes + 1 // no escape of JSON: a text of another kind
}

// escaped is what stands behind a stroke.
var escaped = [256]byte{'n': '\n', 'r': '\r', 't': '\t', 'b': '\b', 'f': '\f', '"': '"', '/': '/'}

// hexUnit reads four digits. All that is looked for is ASCII.
func hexUnit(text []byte) (c byte, ok bool) {
	if len(text) < 4 {
		return 0, false
	}
	value := 0
	for _, b := range text[:4] {
		digit := bytes.IndexByte([]byte("0123456789abcdef"), lower(b))
		if digit < 0 {
			return 0, false
		}
		value = value<<4 | digit
	}
	return byte(min(value, 0xFF)), true
}

func lower(b byte) byte {
	if 'A' <= b && b <= 'Z' {
		b += 'a' - 'A'
	}
	return b
}

// plainText is a text without its escapes, and where each byte of it was; at is
// nil when there were none.
type plainText struct {
	text []byte
	at   []int
}

func unescape(text []byte) plainText {
	if bytes.IndexByte(text, '\\') < 0 {
		return plainText{text: text}
	}
	p := plainText{text: make([]byte, 0, len(text)), at: make([]int, 0, len(text)+1)}
	for i := 0; i < len(text); {
		c, width := unit(text, i)
		p.text, p.at = append(p.text, c), append(p.at, i)
		i += width
	}
	p.at = append(p.at, len(text))
	return p
}

// begin is where the byte at i began.
func (p plainText) begin(i int) int {
	if p.at == nil {
		return i
	}
	return p.at[i]
}

// isDocument says whether a text looks like JSON, or like a stream of it.
func isDocument(text []byte) bool {
	text = bytes.TrimLeft(text, " \t\r\n")
	return len(text) > 0 && (text[0] == '{' || text[0] == '[' || text[0] == '"') || isEvents(text) || json.Valid(text)
}

func isEvents(text []byte) bool {
	return bytes.HasPrefix(text, []byte("event:")) || bytes.HasPrefix(text, []byte("data:"))
}

// quoted are the insides of the strings of a document.
func quoted(text []byte) iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		for i := 0; i < len(text); i++ {
			next := bytes.IndexByte(text[i:], '"')
			if next < 0 {
				return
			}
			from := i + next + 1
			i = from
			for i < len(text) && text[i] != '"' {
				if text[i] == '\\' {
					i++
				}
				i++
			}
			i = min(i, len(text))
			if !yield(from, i) {
				return
			}
		}
	}
}
