package tollgate

import "time"

// Trace is where a request stands in a distributed trace, in the terms of W3C
// Trace Context. The zero Trace says that it stands in none.
type Trace struct {
	ID     [16]byte
	Span   [8]byte // the request's own; zero when its spans are not recorded
	Parent [8]byte // the client's; zero when the trace begins here
	State  string  // the client's tracestate
}

// Recorded says whether the request's spans are sent to a collector.
func (t Trace) Recorded() bool { return t.Span != [8]byte{} }

// Attempt is a try at an upstream that gave no answer, or one that another
// upstream might better.
type Attempt struct {
	Upstream string
	Model    string        // what that upstream calls the model
	Ended    time.Duration // when it was given up, since the request arrived
	Why      string        // one word; safe for operators to read
}

// AttemptBegan is when the try after this many failed ones began, since the
// request arrived: nothing lies between two of them.
func (x *Exchange) AttemptBegan(failed int) time.Duration {
	if failed == 0 {
		return x.Timing.Received
	}
	return x.Failed[failed-1].Ended
}
