package eventstream

import (
	"encoding/binary"
	"math"
)

// Headers are those of one frame, as they came.
type Headers []byte

// header is one of them.
type header struct {
	name  []byte
	kind  byte
	value []byte
}

// text is the kind of header whose value is a string.
const text = 7

// sizes is how long the values of each kind are, -1 where the length stands in
// front of them (providers.md 2.4, 2026-11-23): true, false, the four integers,
// bytes, text, a time and a UUID.
var sizes = [...]int{0, 0, 1, 2, 4, 8, -1, -1, 8, 16}

// Text is the value of the first header of this name, if it is a string; nil
// when there is none.
func (h Headers) Text(name string) []byte {
	for len(h) > 0 {
		first, rest, ok := h.next()
		switch {
		case !ok || string(first.name) == name && first.kind != text:
			return nil
		case string(first.name) == name:
			return first.value
		}
		h = rest
	}
	return nil
}

// next takes the first header off.
func (h Headers) next() (first header, rest Headers, ok bool) {
	name, h, ok := h.take(1)
	if !ok || len(h) == 0 || int(h[0]) >= len(sizes) {
		return header{}, nil, false
	}
	first = header{name: name, kind: h[0]}
	h = h[1:]
	if size := sizes[first.kind]; size < 0 {
		first.value, rest, ok = h.take(2)
	} else if ok = len(h) >= size; ok {
		first.value, rest = h[:size], h[size:]
	}
	return first, rest, ok
}

// take takes off what has its length in front, in so many bytes.
func (h Headers) take(digits int) (value []byte, rest Headers, ok bool) {
	if len(h) < digits {
		return nil, nil, false
	}
	length := int(h[0])
	if digits == 2 {
		length = int(binary.BigEndian.Uint16(h))
	}
	if h = h[digits:]; len(h) < length {
		return nil, nil, false
	}
	return h[:length], h[length:], true
}

// Header is a header to write. Its value is a string.
type Header struct{ Name, Value string }

// append writes it behind what is there.
func (h Header) append(to []byte) []byte {
	if len(h.Name) == 0 || len(h.Name) > math.MaxUint8 || len(h.Value) > math.MaxInt16 {
		panic(ErrHeader)
	}
	to = append(append(to, byte(len(h.Name))), h.Name...)
	to = binary.BigEndian.AppendUint16(append(to, text), uint16(len(h.Value)))
	return append(to, h.Value...)
}
