package meter

import (
	"bytes"
	"encoding/json"
	"sync"

	"tollgate/internal/jsonedit"
)

// maxBody bounds what the tap keeps of an answer that is one document. The
// longest requests have this size; no answer comes near it.
const maxBody = 32 << 20

// bodyEar hears an answer that is one JSON document: a message, a count of
// tokens or an error. It has to see all of it, since usage stands at the end.
type bodyEar struct {
	body *bytes.Buffer
	over bool // longer than maxBody: no longer kept
	size int64
}

// bodies are buffers to use again. Large ones are let go.
var bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

const maxPooled = 1 << 20

func newBodyEar() *bodyEar { return &bodyEar{body: bodies.Get().(*bytes.Buffer)} }

func (b *bodyEar) write(p []byte) {
	b.size += int64(len(p))
	if b.over = b.over || b.size > maxBody; !b.over {
		b.body.Write(p)
	}
}

func (b *bodyEar) close() Reading {
	reading := b.read()
	if b.body.Cap() <= maxPooled {
		b.body.Reset()
		bodies.Put(b.body)
	}
	return reading
}

// read finds the members that matter, in whatever order.
func (b *bodyEar) read() Reading {
	reading, whole := Reading{Empty: true}, !b.over
	var kind string
	var usage wireUsage
	for member, err := range jsonedit.Members(b.body.Bytes()) {
		switch {
		case err != nil:
			whole = false
		case member.Is("type"):
			kind = name(member.Value)
		case member.Is("model"):
			reading.Model = name(member.Value)
		case member.Is("stop_reason"):
			reading.StopReason = name(member.Value)
		case member.Is("content"):
			reading.hearContent(member.Value)
		case member.Is("usage"):
			reading.Started = usage.merge(member.Value)
		case member.Is("error"):
			reading.Error = fault(member.Value)
		case member.Is("input_tokens"): // the whole answer of count_tokens
			reading.Started = true
		}
	}
	usage.into(&reading)
	reading.Started = reading.Started || whole && kind == "error"
	reading.Finished = whole && reading.Started
	if !reading.Finished && kind == "message" {
		reading.OutputEstimate = tokensOf(b.size)
	}
	return reading
}

// hearContent notes whether there is any content, and who wrote the last of it.
// The content is decoded only where some member says "fallback"; inside a text
// the quotes would be escaped.
func (r *Reading) hearContent(content []byte) {
	r.Empty = len(bytes.Trim(content, "[] \t\r\n")) == 0
	if !bytes.Contains(content, []byte(`"fallback"`)) {
		return
	}
	var blocks []struct {
		Type string
		To   struct{ Model string }
	}
	_ = json.Unmarshal(content, &blocks) // blocks of another shape are not fallbacks
	for _, block := range blocks {
		if block.Type == "fallback" && block.To.Model != "" {
			r.Model = clip(block.To.Model)
		}
	}
}
