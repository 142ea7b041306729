package simulator

import (
	"fmt"
	"strings"
)

// fillerDelta is how many bytes a delta of a long text carries when nobody
// says how many deltas there are to be.
const fillerDelta = 4096

// fillerPart is a text of about size bytes in n deltas. Either may be 0: a
// size of its own is chosen then.
func fillerPart(size, n int) part {
	switch {
	case n == 0:
		n = (size + fillerDelta - 1) / fillerDelta
	case size == 0:
		size = n * len("word 12345 of it ")
	}
	text := filler(size)
	p := part{
		whole:  object{"type", "text", "text", text},
		start:  object{"type", "text", "text", ""},
		tokens: estimate(len(text)),
	}
	for i := range n {
		piece := text[i*size/n : (i+1)*size/n]
		p.deltas = append(p.deltas, object{"type", "text_delta", "text", piece})
	}
	return p
}

func filler(size int) string {
	var text strings.Builder
	text.Grow(size + 20)
	for i := 0; text.Len() < size; i++ {
		fmt.Fprintf(&text, "word %05d of it ", i)
	}
	return text.String()[:size]
}
