package sse

import "bytes"

// pending is the event whose lines are being read. kind and data point into
// the chunk while they can, and into the buffers from own on.
type pending struct {
	kind, data []byte
	hasData    bool
	length     int  // of all lines so far
	tooLong    bool // left out, up to its blank line

	kindBuffer, dataBuffer []byte
	dataOwned              bool
}

// add reads one line into the event.
func (e *pending) add(line []byte, limit int) {
	if e.length += len(line); e.tooLong || e.length > limit {
		e.tooLong = true
		e.kind, e.data = nil, nil
		return
	}
	switch name, value := field(line); string(name) {
	case "event":
		e.kind = value
	case "data":
		e.addData(value)
	}
}

func (e *pending) addData(value []byte) {
	if !e.hasData {
		e.data, e.hasData, e.dataOwned = value, true, false
		return
	}
	e.ownData()
	e.dataBuffer = append(append(e.dataBuffer, '\n'), value...)
	e.data = e.dataBuffer
}

// begun says whether a line of the event has been read.
func (e *pending) begun() bool { return e.length > 0 }

func (e *pending) dispatchable() bool { return e.hasData && !e.tooLong }

// own moves what the event has so far out of the chunk, which is about to go.
func (e *pending) own() {
	if len(e.kind) > 0 {
		e.kindBuffer = append(e.kindBuffer[:0], e.kind...)
		e.kind = e.kindBuffer
	}
	if e.hasData && !e.tooLong {
		e.ownData()
	}
}

func (e *pending) ownData() {
	if !e.dataOwned {
		e.dataBuffer = append(e.dataBuffer[:0], e.data...)
		e.data, e.dataOwned = e.dataBuffer, true
	}
}

func (e *pending) reset() {
	*e = pending{kindBuffer: emptied(e.kindBuffer), dataBuffer: emptied(e.dataBuffer)}
}

// maxKept is the largest buffer that is kept for the next event, so that one
// long event does not cost a slow stream its memory to the end.
const maxKept = 16 << 10

func emptied(buffer []byte) []byte {
	if cap(buffer) > maxKept {
		return nil
	}
	return buffer[:0]
}

// field splits "name: value"; one space behind the colon belongs to neither. A
// line without a colon is a name alone, and a comment has an empty name.
func field(line []byte) (name, value []byte) {
	name, value, _ = bytes.Cut(line, colon)
	if len(value) > 0 && value[0] == ' ' {
		value = value[1:]
	}
	return name, value
}

var colon = []byte{':'}
