package journal

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
)

// reader reads the records of a segment one after the other. What is damaged
// it passes over, to the next whole record, and remembers.
type reader struct {
	from    io.ReaderAt
	at, end int64 // the next record, and where the segment ends for now
	damage  []stretch

	buffer []byte // what has been read ahead
	start  int64  // where in the segment the buffer begins
}

// stretch is a part of a segment that holds no record.
type stretch struct {
	from, to int64
	torn     bool // it is the beginning of a record, and nothing comes after it
}

// readAhead is how much is read at once, in bytes.
const readAhead = 128 << 10

// next returns the next record, or false at the end. It is good until the next
// call.
func (r *reader) next() (record, bool) {
	for r.at < r.end {
		one, length, err := r.parseHere()
		if err == nil {
			r.at += int64(length)
			return one, true
		}
		r.skip(errors.Is(err, errShort))
	}
	return record{}, false
}

// parseHere reads the record at r.at. It is errShort only if the segment ends
// within it.
func (r *reader) parseHere() (record, int, error) {
	window := r.ahead(headBytes)
	one, length, err := parse(window)
	if !errors.Is(err, errShort) || int64(len(window)) == r.end-r.at {
		return one, length, err
	}
	return parse(r.ahead(announced(window)))
}

// announced is how long the record that b begins with says it is.
func announced(b []byte) int {
	return headBytes + int(min(binary.LittleEndian.Uint32(b[lengthAt:]), mostBody))
}

// skip goes to the next whole record, or to the end.
func (r *reader) skip(short bool) {
	from := r.at
	for r.at++; r.at < r.end; r.at++ {
		window := r.ahead(len(mark))
		found := bytes.Index(window, mark)
		if found < 0 {
			r.at += int64(max(len(window)-len(mark), 0))
			continue
		}
		r.at += int64(found)
		if _, _, err := r.parseHere(); err == nil {
			r.damage = append(r.damage, stretch{from: from, to: r.at})
			return
		}
	}
	r.at = r.end
	r.damage = append(r.damage, stretch{from: from, to: r.end, torn: short})
}

// ahead returns what comes next, n bytes of it at least if there are as many.
func (r *reader) ahead(n int) []byte {
	left := r.end - r.at
	need := min(int64(n), left)
	if have := r.start + int64(len(r.buffer)) - r.at; r.at < r.start || have < need {
		r.fill(min(max(need, readAhead), left))
	}
	window := r.buffer[r.at-r.start:]
	return window[:min(int64(len(window)), left)]
}

// fill reads n bytes from r.at. What the disk does not give is zeros, which
// are no record.
func (r *reader) fill(n int64) {
	if int64(cap(r.buffer)) < n {
		r.buffer = make([]byte, max(n, readAhead))
	}
	r.buffer, r.start = r.buffer[:n], r.at
	if got, _ := r.from.ReadAt(r.buffer, r.at); int64(got) == n {
		return
	}
	for at := int64(0); at < n; at += block {
		piece := r.buffer[at:min(at+block, n)]
		got, _ := r.from.ReadAt(piece, r.at+at)
		clear(piece[got:])
	}
}

// block is what a disk loses at once, in bytes.
const block = 4 << 10
