package simulator

import "time"

// step is one move in the delivery of an answer: wait, then write, then
// perhaps break the connection off.
type step struct {
	wait  time.Duration
	bytes []byte
	cut   Break
}

// Break is a way in which an answer ends before its end.
type Break string

// The breaks, from the politest to the rudest.
const (
	Unbroken  Break = ""
	CleanEOF  Break = "eof"   // the body ends as if it were whole
	CutClosed Break = "close" // the connection is closed in the middle of the body
	CutReset  Break = "reset" // the connection is reset
)

// steps writes each event as one step at the given pace.
func (f *face) steps(events []event, pace time.Duration) []step {
	list := make([]step, len(events))
	for i, one := range events {
		list[i] = step{bytes: f.format.encode(one)}
		if one.paced {
			list[i].wait = pace
		}
	}
	return list
}

func encode(one event) []byte {
	data := mustJSON(one.data)
	out := make([]byte, 0, len("event: \ndata: \n\n")+len(one.name)+len(data))
	out = append(out, "event: "...)
	out = append(out, one.name...)
	out = append(out, "\ndata: "...)
	out = append(out, data...)
	return append(out, "\n\n"...)
}
