// Package eventstream is the framing in which AWS streams its answers: frames
// of headers and a payload, each with its length in front and two checksums.
//
// It takes a stream apart whatever the pieces in which its bytes arrive, and
// makes frames. It knows nothing of what they mean. Unlike a listener it does
// not look past damage: what does not fit its checksums is an error, and so is
// all that follows. It never holds more than one frame of which a part is still
// to come, and nothing of those that lie inside one piece.
package eventstream

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
)

// A frame, all numbers big endian: its whole length and that of its headers,
// the checksum of those two, headers, payload, the checksum of all before it
// (providers.md 2.4, 2026-11-23).
const (
	lengthsSize  = 8
	checksumSize = 4
	preludeSize  = lengthsSize + checksumSize
	minFrame     = preludeSize + checksumSize
)

// The longest that AWS makes them, in bytes.
const (
	// MaxPayload bounds what one frame carries.
	MaxPayload = 16 << 20
	maxHeaders = 128 << 10
	maxFrame   = minFrame + maxHeaders + MaxPayload
)

// What is wrong with bytes that are no event stream.
var (
	ErrTooLong  = errors.New("event stream: the frame is longer than the 16 MiB of payload and 128 KiB of headers that one may have")
	ErrChecksum = errors.New("event stream: the frame does not fit its checksum; it was damaged on its way")
	ErrLength   = errors.New("event stream: the frame's lengths contradict each other")
	ErrHeader   = errors.New("event stream: the frame's headers cannot be read")
)

// Frame is one frame. What it holds belongs to the Decoder or to the piece: it
// is valid until the function that was given the frame returns.
type Frame struct {
	Headers Headers
	Payload []byte
}

// frameLength is the length of the frame that begins with these bytes: at least
// that, as long as they are too few to say.
func frameLength(begin []byte) (int, error) {
	if len(begin) < preludeSize {
		return minFrame, nil
	}
	if crc32.ChecksumIEEE(begin[:lengthsSize]) != binary.BigEndian.Uint32(begin[lengthsSize:]) {
		return 0, ErrChecksum
	}
	total, headers := binary.BigEndian.Uint32(begin), binary.BigEndian.Uint32(begin[4:])
	switch {
	case total > maxFrame || headers > maxHeaders:
		return 0, ErrTooLong
	case total < minFrame || headers > total-minFrame:
		return 0, ErrLength
	}
	return int(total), nil
}

// open reads a frame of which every byte is there and the prelude was proved.
func open(frame []byte) (Frame, error) {
	end := len(frame) - checksumSize
	if crc32.ChecksumIEEE(frame[:end]) != binary.BigEndian.Uint32(frame[end:]) {
		return Frame{}, ErrChecksum
	}
	payload := preludeSize + int(binary.BigEndian.Uint32(frame[4:]))
	headers := Headers(frame[preludeSize:payload])
	for rest := headers; len(rest) > 0; {
		var ok bool
		if _, rest, ok = rest.next(); !ok {
			return Frame{}, ErrHeader
		}
	}
	return Frame{headers, frame[payload:end]}, nil
}
