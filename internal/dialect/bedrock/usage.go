package bedrock

import (
	"strconv"

	"tollgate/internal/jsonedit"
)

// counts are the members of a usage, and what Bedrock calls each in its report.
var counts = [...]struct{ member, reported string }{
	{"input_tokens", "inputTokenCount"},
	{"output_tokens", "outputTokenCount"},
	{"cache_read_input_tokens", "cacheReadInputTokenCount"},
	{"cache_creation_input_tokens", "cacheWriteInputTokenCount"},
}

// usage is what an answer has last said of each count. Each is cumulative, so
// that the last word is the whole (providers.md 1.7, 2026-11-23).
type usage [len(counts)]int64

// hear reads an event that may speak of usage.
func (u *usage) hear(kind, event []byte) {
	switch string(kind) {
	case "message_start":
		message, _ := jsonedit.Find(event, "message")
		u.read(message.Value)
	case "message_delta":
		u.read(event)
	}
}

func (u *usage) read(of []byte) {
	said, ok := jsonedit.Find(of, "usage")
	if !ok {
		return
	}
	for member := range jsonedit.Members(said.Value) {
		for i := range counts {
			if !member.Is(counts[i].member) {
				continue
			}
			if n, err := strconv.ParseInt(string(member.Value), 10, 64); err == nil {
				u[i] = n
			}
		}
	}
}

// report is a list of members, with a comma behind each.
func (u *usage) report() (members []byte) {
	for i := range counts {
		members = append(append(append(members, '"'), counts[i].reported...), '"', ':')
		members = append(strconv.AppendInt(members, u[i], 10), ',')
	}
	return members
}
