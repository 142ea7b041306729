package bedrock

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"slices"

	"tollgate/internal/eventstream"
	"tollgate/internal/jsonedit"
)

// metrics is a member that Bedrock adds to the last event of a stream.
const metrics = "amazon-bedrock-invocationMetrics"

var errChunk = errors.New("bedrock: a frame of the stream holds no event of the Messages API")

// decoder turns Bedrock's frames into events.
type decoder struct {
	frames *eventstream.Decoder
	event  []byte // the one that is being read
	told   []byte // what Turn returns
	err    error
}

func newDecoder() *decoder {
	d := &decoder{}
	d.frames = eventstream.NewDecoder(d.read)
	return d
}

// Turn implements dialect.Codec.
func (d *decoder) Turn(piece []byte) ([]byte, error) {
	d.told = slices.Grow(emptied(d.told), len(piece)) // an event is shorter than the frame it came in
	if err := d.frames.Feed(piece); d.err == nil {
		d.err = err
	}
	return d.told, d.err
}

// End implements dialect.Codec.
func (d *decoder) End() ([]byte, error) {
	if d.err == nil && d.frames.Partial() {
		d.err = io.ErrUnexpectedEOF
	}
	return nil, d.err
}

// read takes one frame. Of what it does not know nothing is said; it may be
// newer than this.
func (d *decoder) read(frame eventstream.Frame) {
	if d.err != nil {
		return
	}
	switch string(frame.Headers.Text(":message-type")) {
	case "exception":
		d.fail(string(frame.Headers.Text(":exception-type")))
	case "error":
		d.fail(string(frame.Headers.Text(":error-code")))
	case "event":
		if string(frame.Headers.Text(":event-type")) == "chunk" {
			d.err = d.chunk(frame.Payload)
		}
	}
}

// fail ends the conversation with an event. What the frame says is not passed
// on, since it may name accounts and what lies in them.
func (d *decoder) fail(exception string) {
	said := exceptionOf(exception)
	d.tell([]byte("error"), slices.Concat(
		[]byte(`{"type":"error","error":{"type":`), quote(said.wire), []byte(`,"message":`), quote(said.message), []byte(`}}`),
	))
}

// chunk reads what a frame carries: an event in base64.
func (d *decoder) chunk(payload []byte) error {
	text := coded(payload)
	if text == nil {
		return errChunk
	}
	event, err := base64.StdEncoding.AppendDecode(emptied(d.event), text)
	if err != nil {
		return errChunk
	}
	d.event = event
	return d.pass(event)
}

// coded is the event in base64, nil where there is none. Nearly always it stands
// first.
func coded(payload []byte) []byte {
	if rest, first := bytes.CutPrefix(payload, []byte(`{"bytes":"`)); first {
		if end := bytes.IndexByte(rest, '"'); end >= 0 && bytes.IndexByte(rest[:end], '\\') < 0 {
			return rest[:end]
		}
	}
	member, _ := jsonedit.Find(payload, "bytes")
	return inside(member.Value)
}

// How the events begin of which nearly all of a stream is made, to which Bedrock
// adds nothing (providers.md 1.6, 2026-11-23).
var (
	deltaKind = []byte("content_block_delta")
	deltaHead = []byte(`{"type":"content_block_delta","index":`)
)

// pass tells an event as it is, but for what Bedrock added to it.
func (d *decoder) pass(event []byte) error {
	if bytes.HasPrefix(event, deltaHead) && event[len(event)-1] == '}' {
		return d.tellInOneLine(deltaKind, event)
	}
	var kind []byte
	measured := false
	for member, err := range jsonedit.Members(event) {
		switch {
		case err != nil:
			return errChunk
		case member.Is("type"):
			kind = inside(member.Value)
		case member.Is(metrics):
			measured = true
		}
	}
	if kind == nil || hasLineEnd(kind) {
		return errChunk
	}
	if measured {
		edits := jsonedit.Edit(event)
		edits.Set(0, event, jsonedit.Setting{Name: metrics})
		event = edits.Bytes()
	}
	return d.tellInOneLine(kind, event)
}

// tellInOneLine takes the line ends out that a document may have between its
// values, which would end a line of the event.
func (d *decoder) tellInOneLine(kind, document []byte) error {
	if hasLineEnd(document) {
		var compact bytes.Buffer
		if json.Compact(&compact, document) != nil {
			return errChunk
		}
		document = compact.Bytes()
	}
	d.tell(kind, document)
	return nil
}

func hasLineEnd(text []byte) bool {
	return bytes.IndexByte(text, '\n') >= 0 || bytes.IndexByte(text, '\r') >= 0
}

func (d *decoder) tell(kind, document []byte) {
	d.told = append(append(d.told, "event: "...), kind...)
	d.told = append(append(d.told, "\ndata: "...), document...)
	d.told = append(d.told, "\n\n"...)
}

// inside is what a JSON string holds, nil for what is none.
func inside(value []byte) []byte {
	if len(value) >= 2 && value[0] == '"' && bytes.IndexByte(value, '\\') < 0 {
		return value[1 : len(value)-1]
	}
	text, ok := jsonedit.Text(value)
	if !ok {
		return nil
	}
	return []byte(text)
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
