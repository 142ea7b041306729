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

// plainDelta counts the characters of a delta that is written in just this
// way, without a walk through its members. ok is false for any other event;
// it is not wrong then, only read more slowly.
func plainDelta(data []byte) (chars int64, ok bool) {
	rest, ok := bytes.CutPrefix(data, deltaHead)
	if !ok {
		return 0, false
	}
	for len(rest) > 0 && rest[0] >= '0' && rest[0] <= '9' {
		rest = rest[1:]
	}
	for _, head := range deltaTexts {
		if text, ok := bytes.CutPrefix(rest, head); ok {
			return plainText(text)
		}
	}
	return 0, false
}

// plainText counts the characters up to the quote that ends the text, an
// escape as one, and sees that nothing follows but the two closing braces.
func plainText(text []byte) (chars int64, ok bool) {
	for i := 0; i < len(text); i++ {
		switch b := text[i]; {
		case b == '"':
			tail, closed := bytes.CutPrefix(text[i+1:], []byte("}"))
			return chars, closed && string(bytes.TrimLeft(tail, " ")) == "}"
		case b == '\\' && i+1 < len(text) && text[i+1] == 'u':
			chars, i = chars+1, i+5
		case b == '\\':
			chars, i = chars+1, i+1
		case b&0xC0 != 0x80: // the first byte of a character
			chars++
		}
	}
	return 0, false
}
