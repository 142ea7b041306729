package body

import (
	"bytes"

	"tollgate/internal/jsonedit"
)

// joined is what a stream says in pieces, joined as its reader joins it: a
// credential that the provider divided among events is whole in it. Each piece
// is the inside of a JSON string.
type joined struct {
	text  []byte
	parts []part
}

// part says where a piece of the joined text begins, in it and in the stream.
type part struct{ at, from int }

// joinDeltas joins the deltas of each block of a stream of the Messages API.
func joinDeltas(text []byte) (all []*joined) {
	if !isEvents(text) {
		return nil
	}
	blocks := map[string]*joined{}
	for at := 0; at < len(text); {
		end := bytes.IndexByte(text[at:], '\n')
		if end < 0 {
			end = len(text) - at
		}
		if data, found := bytes.CutPrefix(text[at:at+end], []byte("data:")); found {
			block, from, to := delta(data)
			if to > from {
				j := blocks[block]
				if j == nil {
					j = new(joined)
					blocks[block] = j
					all = append(all, j)
				}
				base := at + len("data:")
				j.add(text[base+from:base+to], base+from)
			}
		}
		at += end + 1
	}
	return all
}

// delta finds the block that an event adds to, and the inside of the string
// that it adds.
func delta(data []byte) (block string, from, to int) {
	if !bytes.Contains(data, []byte(`"content_block_delta"`)) {
		return "", 0, 0
	}
	for member, err := range jsonedit.Members(data) {
		if err != nil {
			return "", 0, 0
		}
		switch {
		case member.Is("index"):
			block = string(member.Value)
		case member.Is("delta"):
			from, to = added(member)
		}
	}
	return block, from, to
}

// added is where the text of a delta stands.
func added(delta jsonedit.Member) (from, to int) {
	for member, err := range jsonedit.Members(delta.Value) {
		if err != nil {
			return 0, 0
		}
		if (member.Is("text") || member.Is("partial_json") || member.Is("thinking")) && len(member.Value) > 1 && member.Value[0] == '"' {
			from = delta.At + member.At + 1
			to = from + len(member.Value) - 2
		}
	}
	return from, to
}

func (j *joined) add(piece []byte, from int) {
	j.parts = append(j.parts, part{len(j.text), from})
	j.text = append(j.text, piece...)
}

// pieces are where a span of the joined text lies in the stream. The mark
// stands in the first.
func (j *joined) pieces(s span) (pieces []span) {
	for i := j.partOf(s.from); i < len(j.parts) && j.parts[i].at < s.to; i++ {
		end := len(j.text)
		if i+1 < len(j.parts) {
			end = j.parts[i+1].at
		}
		move := j.parts[i].from - j.parts[i].at
		from, to := max(s.from, j.parts[i].at), min(s.to, end)
		if to > from {
			pieces = append(pieces, span{from + move, to + move, s.name})
			s.name = ""
		}
	}
	return pieces
}

// partOf is the last part that begins at a place or before it.
func (j *joined) partOf(at int) int {
	low, high := 0, len(j.parts)
	for low+1 < high {
		if middle := (low + high) / 2; j.parts[middle].at <= at {
			low = middle
		} else {
			high = middle
		}
	}
	return low
}
