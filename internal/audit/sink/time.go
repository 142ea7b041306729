package sink

import (
	"bytes"
	"time"
)

// timeOf is when what a line is about happened, as the line says; the zero time
// when it does not. No text before the time can be mistaken for it: there are
// only ids there.
func timeOf(line []byte) time.Time {
	_, rest, found := bytes.Cut(line, []byte(`,"time":"`))
	text, _, closed := bytes.Cut(rest[:min(len(rest), timeBound)], []byte(`"`))
	at, err := time.Parse(time.RFC3339Nano, string(text))
	if !found || !closed || err != nil {
		return time.Time{}
	}
	return at
}

// timeBound is more than a time is long.
const timeBound = 40
