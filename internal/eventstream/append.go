package eventstream

import (
	"encoding/binary"
	"hash/crc32"
)

// Append writes a frame behind what is there. What no frame can hold is the
// caller's mistake: it panics for a payload beyond MaxPayload, a header without
// a name or with one beyond 255 bytes, a value beyond 32767.
func Append(to []byte, headers []Header, payload []byte) []byte {
	start := len(to)
	to = append(to, make([]byte, preludeSize)...)
	for _, h := range headers {
		to = h.append(to)
	}
	size := len(to) - start - preludeSize
	if size > maxHeaders || len(payload) > MaxPayload {
		panic(ErrTooLong)
	}
	to = append(to, payload...)
	frame := to[start:]
	binary.BigEndian.PutUint32(frame, uint32(len(frame)+checksumSize))
	binary.BigEndian.PutUint32(frame[4:], uint32(size))
	binary.BigEndian.PutUint32(frame[lengthsSize:], crc32.ChecksumIEEE(frame[:lengthsSize]))
	return binary.BigEndian.AppendUint32(to, crc32.ChecksumIEEE(frame))
}
