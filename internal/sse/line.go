package sse

import "bytes"

// lines walks the lines of one chunk. It looks for each of the two line ends
// ahead and remembers where it saw them, so that a chunk is crossed twice at
// most, whichever of them the stream uses.
type lines struct {
	rest    []byte
	afterCR bool // the chunk ended in CR

	lf, cr int // how far ahead in rest; below 0: not looked for since; len(rest): none
	looked bool
}

// next returns the next line without its end. ended is false for what is left
// after the last line end, which may be nothing.
func (l *lines) next() (line []byte, ended bool) {
	if !l.looked || l.lf < 0 {
		l.lf = ahead(l.rest, '\n')
	}
	if !l.looked || l.cr < 0 {
		l.cr = ahead(l.rest, '\r')
	}
	l.looked = true
	end := min(l.lf, l.cr)
	if end == len(l.rest) {
		return l.rest, false
	}
	line, skip := l.rest[:end], end+1
	if l.cr == end {
		l.afterCR = skip == len(l.rest)
		if l.lf == skip && !l.afterCR {
			skip++
		}
	}
	l.skip(skip)
	return line, true
}

// skip passes over the next n bytes, which end a line.
func (l *lines) skip(n int) {
	l.rest = l.rest[n:]
	l.lf -= n
	l.cr -= n
}

// ahead is the index of the first end in rest, or len(rest).
func ahead(rest []byte, end byte) int {
	if i := bytes.IndexByte(rest, end); i >= 0 {
		return i
	}
	return len(rest)
}
