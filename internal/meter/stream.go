package meter

import (
	"bytes"
	"strconv"

	"tollgate/internal/jsonedit"
	"tollgate/internal/sse"
)

// maxEvent bounds what one event may make the tap remember. The events that
// matter have a few kilobytes; a server tool's result may be longer and is
// passed over.
const maxEvent = 1 << 20

// streamEar hears a stream of the Messages API. It decodes the few events that
// carry usage, and counts the characters of the many that carry output.
type streamEar struct {
	splitter *sse.Splitter
	reading  Reading
	usage    wireUsage
	chars    int64 // of output, streamed so far
	hinted   int64 // tokens of thinking that is not shown, by the provider's rough count
}

func newStreamEar() *streamEar {
	ear := &streamEar{reading: Reading{Empty: true}}
	ear.splitter = sse.NewSplitter(maxEvent, ear.hear)
	ear.splitter.Quick(ear.hearPlain)
	return ear
}

// hearPlain takes the events that make up nearly all of a stream, when they
// lie whole in one chunk, without splitting them first.
func (s *streamEar) hearPlain(rest []byte) int {
	chars, length := plainEvent(rest)
	if length > 0 {
		s.hearText(chars)
	}
	return length
}

func (s *streamEar) hearText(chars int64) {
	s.reading.Empty = false
	s.chars += chars
}

func (s *streamEar) write(p []byte) { s.splitter.Feed(p) }

func (s *streamEar) close() Reading {
	s.splitter.End()
	s.usage.into(&s.reading)
	s.reading.OutputEstimate = tokensOf(s.chars) + s.hinted
	return s.reading
}

// tokensOf is the usual estimate, about four characters a token, rounded up.
// Source: contract.md 8.4, 2026-11-23.
func tokensOf(chars int64) int64 { return (chars + 3) / 4 }

// frame is the data of one event, its members still undecoded.
type frame struct {
	kind                                string
	message, block, delta, usage, fault []byte
}

// hear takes one event. Source of the grammar: providers.md 1.6, 2026-11-23.
func (s *streamEar) hear(event sse.Event) {
	if chars, length := plainDelta(event.Data); length > 0 && length == len(event.Data) {
		s.hearText(chars)
		return
	}
	switch f := readFrame(event); f.kind {
	case "content_block_delta":
		s.reading.Empty = false
		s.count(f.delta)
	case "content_block_start":
		s.reading.Empty = false
		if model := fallbackModel(f.block); model != "" {
			s.reading.Model = model
		}
	case "message_start":
		s.start(f.message)
	case "message_delta":
		if reason := textOf(f.delta, "stop_reason"); reason != "" {
			s.reading.StopReason = reason
			s.reading.Finished = true
		}
		s.usage.merge(f.usage)
	case "error":
		s.reading.Error = fault(f.fault)
	}
}

// readFrame finds the members that matter. The data says what kind of event it
// is; the event line is asked only where the data does not.
func readFrame(event sse.Event) (f frame) {
	for member := range jsonedit.Members(event.Data) {
		switch {
		case member.Is("type"):
			f.kind = kindOf(member.Value)
		case member.Is("delta"):
			f.delta = member.Value
		case member.Is("message"):
			f.message = member.Value
		case member.Is("content_block"):
			f.block = member.Value
		case member.Is("usage"):
			f.usage = member.Value
		case member.Is("error"):
			f.fault = member.Value
		}
	}
	if f.kind == "" && len(event.Type) > 0 {
		f.kind = string(event.Type)
	}
	return f
}

// kindOf spares the frequent kinds the making of a string.
func kindOf(value []byte) string {
	switch string(value) {
	case `"content_block_delta"`:
		return "content_block_delta"
	case `"ping"`:
		return "ping"
	}
	kind, _ := jsonedit.Text(value)
	return kind
}

func (s *streamEar) start(message []byte) {
	for member := range jsonedit.Members(message) {
		switch {
		case member.Is("model"):
			s.reading.Model = name(member.Value)
		case member.Is("usage"):
			s.reading.Started = s.usage.merge(member.Value) || s.reading.Started
		}
	}
}

// count adds the output that a delta carries. Where the provider counts
// thinking itself, in increments, its count is taken.
// Source: anthropic-sdk-go v2.13.0, the thinking delta, 2026-11-20.
func (s *streamEar) count(delta []byte) {
	var chars, hint int64
	for member := range jsonedit.Members(delta) {
		switch {
		case member.Is("text"), member.Is("partial_json"), member.Is("thinking"), member.Is("content"):
			chars += characters(member.Value)
		case member.Is("estimated_tokens"):
			hint, _ = strconv.ParseInt(string(member.Value), 10, 64)
		}
	}
	if hint > 0 {
		s.hinted = plausible(s.hinted + plausible(hint))
		return
	}
	s.chars += chars
}

// fallbackModel is the model that a fallback block hands over to, "" for any
// other block.
func fallbackModel(block []byte) (model string) {
	for member := range jsonedit.Members(block) {
		switch {
		case member.Is("type"):
			if string(member.Value) != `"fallback"` {
				return ""
			}
		case member.Is("to"):
			model = textOf(member.Value, "model")
		}
	}
	return model
}

// characters counts those of a JSON string without decoding it: an escape is
// one. What is not a string has none.
func characters(value []byte) int64 {
	if len(value) < 2 || value[0] != '"' {
		return 0
	}
	text := value[1 : len(value)-1]
	n := int64(0)
	for {
		escape := bytes.IndexByte(text, '\\')
		if escape < 0 || escape+1 >= len(text) {
			return n + runes(text)
		}
		n += runes(text[:escape]) + 1
		length := len(`\n`)
		if text[escape+1] == 'u' {
			length = len(`\u00e9`)
		}
		text = text[min(escape+length, len(text)):]
	}
}

// runes counts the bytes that begin a character in UTF-8.
func runes(text []byte) (n int64) {
	for _, b := range text {
		if b&0xC0 != 0x80 {
			n++
		}
	}
	return n
}
