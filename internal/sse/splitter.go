// Package sse takes a stream of server-sent events apart, whatever the chunks
// in which its bytes arrive.
//
// It reads what a browser would read: lines that end in LF, CR or CRLF,
// comments, several data lines, a byte order mark. It is made for listening
// beside a stream that somebody else relays, so it never fails: an event
// longer than the bound is left out and the next one is found. It keeps no
// byte of an event that lies inside one chunk, little more than the bound of one
// that does not, and its events do not depend on where the chunks are cut.
package sse

import "bytes"

// Event is one event. Its slices belong to the Splitter or to the chunk: they
// are valid until the function that was given the event returns.
type Event struct {
	Type []byte // the event field, empty when the stream did not name one
	Data []byte // the data fields, joined by line feeds
}

// Splitter finds the events of one stream. It is used by one goroutine.
type Splitter struct {
	limit int
	emit  func(Event)
	quick func([]byte) int

	event   pending
	line    []byte // the beginning of a line that a chunk's end cut
	begun   bool   // a line of the stream has been read: too late for a byte order mark
	afterCR bool   // the chunk ended in CR: a LF at the next one's start belongs to it
}

// NewSplitter makes a Splitter that hands every event to emit. limit bounds
// the length in bytes of an event's lines together, comments included.
func NewSplitter(limit int, emit func(Event)) *Splitter {
	return &Splitter{limit: limit, emit: emit}
}

// Quick sets a function that is shown the rest of a chunk where an event may
// begin. It may take the event itself, when it knows it by its bytes and all of
// it is there, and returns its length with the blank line that ends it; or 0,
// and the event is split and emitted as any other.
func (s *Splitter) Quick(take func(rest []byte) int) { s.quick = take }

// Feed takes the next chunk of the stream, of any length. It does not keep it.
func (s *Splitter) Feed(chunk []byte) {
	if len(chunk) == 0 {
		return
	}
	if s.afterCR && chunk[0] == '\n' {
		chunk = chunk[1:]
	}
	left := lines{rest: chunk}
	for {
		s.takeQuick(&left)
		line, ended := left.next()
		if !ended {
			break
		}
		if len(s.line) > 0 {
			s.readKept(line)
		} else {
			s.read(line)
		}
	}
	s.event.own()
	s.keep(left.rest)
	s.afterCR = left.afterCR
}

// takeQuick passes over the events that quick has taken. The stream's first
// line is not offered, since it may begin with a byte order mark.
func (s *Splitter) takeQuick(left *lines) {
	if s.quick == nil || !s.begun || s.event.begun() || len(s.line) > 0 {
		return
	}
	for n := s.quick(left.rest); n > 0; n = s.quick(left.rest) {
		left.skip(n)
	}
}

// End says that the stream is over: an event that lacks only its last line
// ends is handed out.
func (s *Splitter) End() {
	s.readKept(nil)
	s.read(nil)
}

// keep saves a part of a line until the rest arrives, but no more of it than
// it takes to see that the event is too long.
func (s *Splitter) keep(part []byte) {
	room := s.limit + len(byteOrderMark) + 1 - len(s.line)
	s.line = append(s.line, part[:min(len(part), max(room, 0))]...)
}

// readKept reads the line that was kept, of which this is the last part.
func (s *Splitter) readKept(last []byte) {
	s.keep(last)
	s.read(s.line)
	s.event.own()
	s.line = emptied(s.line)
}

var byteOrderMark = []byte("\ufeff")

// read takes one whole line, without its end.
func (s *Splitter) read(line []byte) {
	if !s.begun {
		s.begun = true
		line = bytes.TrimPrefix(line, byteOrderMark)
	}
	if len(line) > 0 {
		s.event.add(line, s.limit)
		return
	}
	if s.event.dispatchable() {
		s.emit(Event{Type: s.event.kind, Data: s.event.data})
	}
	s.event.reset()
}
