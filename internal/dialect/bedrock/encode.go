package bedrock

import (
	"encoding/base64"
	"io"
	"strconv"
	"time"

	"tollgate/internal/eventstream"
	"tollgate/internal/jsonedit"
	"tollgate/internal/sse"
)

// maxEvent bounds an event, in bytes, so that it fits into a frame in base64.
const maxEvent = eventstream.MaxPayload/4*3 - 1<<10

// encoder turns events into Bedrock's frames.
type encoder struct {
	splitter *sse.Splitter
	usage    usage
	begun    time.Time // when the answer did
	first    time.Time // when its first event was there
	over     bool      // what ends an answer was said
	ended    bool      // no byte is to come
	payload  []byte
	told     []byte // what Turn returns
}

func newEncoder() *encoder {
	e := &encoder{begun: time.Now()}
	e.splitter = sse.NewSplitter(maxEvent, e.read)
	return e
}

// Turn implements dialect.Codec.
func (e *encoder) Turn(piece []byte) ([]byte, error) {
	e.told = emptied(e.told)
	e.splitter.Feed(piece)
	return e.told, nil
}

// End implements dialect.Codec.
func (e *encoder) End() ([]byte, error) {
	e.told, e.ended = emptied(e.told), true
	e.splitter.End()
	if !e.over {
		return e.told, io.ErrUnexpectedEOF
	}
	return e.told, nil
}

func (e *encoder) read(event sse.Event) {
	if e.ended && !whole(event.Data) {
		return
	}
	if e.first.IsZero() {
		e.first = time.Now()
	}
	switch kind := kindOf(event); string(kind) {
	case "error":
		e.over = true
		e.fail(event.Data)
	case "message_stop":
		e.over = true
		e.chunk(e.measured(event.Data))
	default:
		e.usage.hear(kind, event.Data)
		e.chunk(event.Data)
	}
}

// kindOf is an event's type, which its document names too.
func kindOf(event sse.Event) []byte {
	if len(event.Type) > 0 {
		return event.Type
	}
	return typeOf(event.Data)
}

// typeOf is the type that an object says it has, nil when it says none.
func typeOf(object []byte) []byte {
	kind, _ := jsonedit.Find(object, "type")
	return inside(kind.Value)
}

var chunkHeaders = []eventstream.Header{
	{Name: ":event-type", Value: "chunk"},
	{Name: ":content-type", Value: "application/json"},
	{Name: ":message-type", Value: "event"},
}

func exceptionHeaders(name string) []eventstream.Header {
	return []eventstream.Header{
		{Name: ":exception-type", Value: name},
		{Name: ":content-type", Value: "application/json"},
		{Name: ":message-type", Value: "exception"},
	}
}

// chunk puts an event into a frame.
func (e *encoder) chunk(event []byte) {
	e.payload = append(emptied(e.payload), `{"bytes":"`...)
	e.payload = base64.StdEncoding.AppendEncode(e.payload, event)
	e.payload = append(e.payload, `"}`...)
	e.told = eventstream.Append(e.told, chunkHeaders, e.payload)
}

// fail puts an error into the frame that says as much.
func (e *encoder) fail(event []byte) {
	detail, _ := jsonedit.Find(event, "error")
	said := exceptionFor(string(typeOf(detail.Value)))
	message, ok := jsonedit.Find(detail.Value, "message")
	if !ok {
		message.Value = quote(said.message)
	}
	e.payload = append(append(append(emptied(e.payload), `{"message":`...), message.Value...), '}')
	e.told = eventstream.Append(e.told, exceptionHeaders(said.name), e.payload)
}

// measured adds to the last event what Bedrock does: what was consumed, and how
// long it took in milliseconds, here from when the provider began to answer.
func (e *encoder) measured(event []byte) []byte {
	report := append([]byte{'{'}, e.usage.report()...)
	report = append(report, `"invocationLatency":`...)
	report = strconv.AppendInt(report, time.Since(e.begun).Milliseconds(), 10)
	report = append(report, `,"firstByteLatency":`...)
	report = strconv.AppendInt(report, e.first.Sub(e.begun).Milliseconds(), 10)
	edits := jsonedit.Edit(event)
	edits.Set(0, event, jsonedit.Setting{Name: metrics, Value: append(report, '}')})
	return edits.Bytes()
}
