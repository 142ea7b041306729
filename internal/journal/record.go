package journal

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
)

// A record on the disk, integers little-endian:
//
//	 0  4  mark, which a reader that has lost its way looks for
//	 4  4  length of the body in bytes
//	 8  8  sequence, one more than that of the record before
//	16  4  CRC-32C of bytes 4 to 16 and of the body
//	20     body: one byte that says what it is, and an exchange
const (
	headBytes = 20
	mostBody  = 1 << 20 // bytes; every text in an exchange is bounded far below

	lengthAt   = 4
	sequenceAt = 8
	sumAt      = 16
)

var mark = []byte{0xA7, 't', 'g', 1} // the last byte is the version of all this

// kind is what a record says of its exchange.
type kind byte

const (
	opened kind = 'o' // it is about to be sent
	closed kind = 'c' // it has ended, and this is all of it
)

// record is one record as it was read. body is without its first byte, and is
// good as long as the buffer it was read from.
type record struct {
	sequence uint64
	kind     kind
	body     []byte
}

// errShort says that a record goes on beyond the bytes at hand, errDamaged
// that there is none where one should begin.
var (
	errShort   = errors.New("the record is cut short")
	errDamaged = errors.New("there is no record here")
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// begin makes room for a record's head and says what it is. The body is
// appended behind, then seal completes it.
func begin(b []byte, of kind) []byte {
	b = append(b, mark...)
	b = append(b, make([]byte, headBytes-len(mark))...)
	return append(b, byte(of))
}

// seal completes the record that b is, head and body.
func seal(b []byte, sequence uint64) {
	binary.LittleEndian.PutUint32(b[lengthAt:], uint32(len(b)-headBytes))
	binary.LittleEndian.PutUint64(b[sequenceAt:], sequence)
	binary.LittleEndian.PutUint32(b[sumAt:], sum(b))
}

func sum(b []byte) uint32 {
	return crc32.Update(crc32.Checksum(b[lengthAt:sumAt], castagnoli), castagnoli, b[headBytes:])
}

// parse reads the record that b begins with and returns its length in bytes.
// The error is errShort or errDamaged.
func parse(b []byte) (r record, length int, err error) {
	if n := min(len(b), len(mark)); !bytes.Equal(b[:n], mark[:n]) {
		return r, 0, errDamaged
	}
	if len(b) < headBytes {
		return r, 0, errShort
	}
	body := binary.LittleEndian.Uint32(b[lengthAt:])
	if body < 1 || body > mostBody {
		return r, 0, errDamaged
	}
	length = headBytes + int(body)
	if len(b) < length {
		return r, 0, errShort
	}
	if b = b[:length]; binary.LittleEndian.Uint32(b[sumAt:]) != sum(b) {
		return r, 0, errDamaged
	}
	return record{binary.LittleEndian.Uint64(b[sequenceAt:]), kind(b[headBytes]), b[headBytes+1:]}, length, nil
}
