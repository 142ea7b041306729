package meter

import "bytes"

// How the provider writes the deltas that make up nearly all of a stream.
// Source: providers.md 1.6, 2026-11-23.
var (
	deltaHead  = []byte(`{"type":"content_block_delta","index":`)
	deltaTexts = [...][]byte{
		[]byte(`,"delta":{"type":"text_delta","text":"`),
		[]byte(`,"delta":{"type":"input_json_delta","partial_json":"`),
	}
)

// deltaEvent is what stands before the data of such an event, and eventEnd
// what stands behind.
var (
	deltaEvent = []byte("event: content_block_delta\ndata: ")
	eventEnd   = []byte("\n\n")
)

// plainEvent counts the characters of a whole event that carries a plain
// delta, at the beginning of rest. length is 0 when there is none.
func plainEvent(rest []byte) (chars int64, length int) {
	data, ok := bytes.CutPrefix(rest, deltaEvent)
	if !ok {
		return 0, 0
	}
	chars, length = plainDelta(data)
	if length == 0 || !bytes.HasPrefix(data[length:], eventEnd) {
		return 0, 0
	}
	return chars, len(deltaEvent) + length + len(eventEnd)
}

// plainDelta counts the characters of a delta that is written in just this
// way, at the beginning of data, without a walk through its members. length is
// 0 for anything else; that is not wrong then, only read more slowly.
func plainDelta(data []byte) (chars int64, length int) {
	rest, ok := bytes.CutPrefix(data, deltaHead)
	if !ok {
		return 0, 0
	}
	for len(rest) > 0 && rest[0] >= '0' && rest[0] <= '9' {
		rest = rest[1:]
	}
	for _, head := range deltaTexts {
		if text, ok := bytes.CutPrefix(rest, head); ok {
			chars, length = plainText(text)
			if length == 0 {
				return 0, 0
			}
			return chars, len(data) - len(text) + length
		}
	}
	return 0, 0
}

// plainText counts the characters up to the quote that ends the text, an
// escape as one, and takes the two braces that close the delta and the data;
// the provider puts spaces between them.
func plainText(text []byte) (chars int64, length int) {
	for i := 0; i < len(text); i++ {
		switch b := text[i]; {
		case b == '"':
			return chars, closed(text, i+1)
		case b < ' ': // no string holds one; the line may end here
			return 0, 0
		case b == '\\' && i+1 < len(text) && text[i+1] == 'u':
			if i+6 > len(text) || bytes.ContainsAny(text[i+2:i+6], "\"\\\r\n") {
				return 0, 0
			}
			chars, i = chars+1, i+5
		case b == '\\':
			chars, i = chars+1, i+1
		case b&0xC0 != 0x80: // the first byte of a character
			chars++
		}
	}
	return 0, 0
}

// closed is the index behind "}", spaces and "}" at i, 0 if they are not there.
func closed(text []byte, i int) int {
	if i >= len(text) || text[i] != '}' {
		return 0
	}
	for i++; i < len(text) && text[i] == ' '; i++ {
	}
	if i >= len(text) || text[i] != '}' {
		return 0
	}
	return i + 1
}
