package eventstream

import (
	"encoding/binary"
	"hash/crc32"
)

// Append writes a frame behind what is there. The error is ErrHeader or
// ErrTooLong for what no frame can hold, and nothing was written then.
func Append(to []byte, payload []byte, headers ...Header) ([]byte, error) {
	start := len(to)
	frame := append(to, make([]byte, preludeSize)...)
	var err error
	for _, h := range headers {
		if frame, err = h.append(frame); err != nil {
			return to, err
		}
	}
	size := len(frame) - start - preludeSize
	if size > maxHeaders || len(payload) > MaxPayload {
		return to, ErrTooLong
	}
	frame = append(frame, payload...)
	prelude := frame[start:]
	binary.BigEndian.PutUint32(prelude, uint32(len(prelude)+checksumSize))
	binary.BigEndian.PutUint32(prelude[4:], uint32(size))
	binary.BigEndian.PutUint32(prelude[lengthsSize:], crc32.ChecksumIEEE(prelude[:lengthsSize]))
	return binary.BigEndian.AppendUint32(frame, crc32.ChecksumIEEE(frame[start:])), nil
}
