package simulator

import (
	"crypto/sha512"
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

// part is one content block of an answer, in the forms that the wire wants.
type part struct {
	whole  object   // in a message
	start  object   // in content_block_start
	deltas []object // in content_block_delta, in order
	tokens int64
}

func textPart(text string) part {
	p := part{
		whole:  object{"type", "text", "text", text},
		start:  object{"type", "text", "text", ""},
		tokens: estimate(len(text)),
	}
	for _, piece := range pieces(text) {
		p.deltas = append(p.deltas, object{"type", "text_delta", "text", piece})
	}
	return p
}

// thinkingPart is a thought with its signature. When display is omitted the
// reader gets the signature alone; when counted, each delta says how many
// tokens it stands for. Source: providers.md 1.6, 2026-11-23.
func thinkingPart(thought string, omitted, counted bool) part {
	digest := sha512.Sum512([]byte(thought))
	signature := base64.StdEncoding.EncodeToString(digest[:])
	p := part{tokens: estimate(len(thought))}
	shown := thought
	if omitted {
		shown = ""
	}
	for _, piece := range pieces(shown) {
		delta := object{"type", "thinking_delta", "thinking", piece}
		if counted {
			delta = append(delta, "estimated_tokens", estimate(len(piece)))
		}
		p.deltas = append(p.deltas, delta)
	}
	p.deltas = append(p.deltas, object{"type", "signature_delta", "signature", signature})
	p.whole = object{"type", "thinking", "thinking", shown, "signature", signature}
	p.start = object{"type", "thinking", "thinking", "", "signature", ""}
	return p
}

func toolPart(call ToolCall) part { return callPart("tool_use", newID("toolu_01"), call) }

func callPart(kind, id string, call ToolCall) part {
	if call.Input == nil {
		call.Input = map[string]any{}
	}
	input := string(mustJSON(call.Input))
	p := part{
		whole:  object{"type", kind, "id", id, "name", call.Name, "input", call.Input},
		start:  object{"type", kind, "id", id, "name", call.Name, "input", object{}},
		deltas: []object{{"type", "input_json_delta", "partial_json", ""}},
		tokens: estimate(len(input) + len(call.Name)),
	}
	for _, piece := range pieces(input) {
		p.deltas = append(p.deltas, object{"type", "input_json_delta", "partial_json", piece})
	}
	return p
}

// wholePart is a block that arrives at once, such as a server tool's result.
func wholePart(content object) part { return part{whole: content, start: content} }

// pieces cuts text as a stream would: a few words at a time, and never inside
// a character.
func pieces(text string) []string {
	var cut []string
	for text != "" {
		n := pieceLength(text)
		cut = append(cut, text[:n])
		text = text[n:]
	}
	return cut
}

// pieceLength ends a piece before the first space beyond a dozen bytes, or at
// two dozen.
func pieceLength(text string) int {
	const short, long = 12, 24
	if len(text) <= short {
		return len(text)
	}
	n := min(long, len(text))
	if space := strings.IndexByte(text[short:n], ' '); space >= 0 {
		return short + space
	}
	for n > 1 && n < len(text) && !utf8.RuneStart(text[n]) {
		n--
	}
	return n
}
