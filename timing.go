package tollgate

import "time"

// Timing is where the time of an exchange went, for metrics and traces; the
// ledger does not keep it. The moments count from arrival and are 0 for what
// never was.
type Timing struct {
	Received time.Duration // the whole request was here
	Answered time.Duration // the answer's head had been passed on
	Passed   time.Duration // the first piece of its body had been passed on

	// Waited is the sum of all waiting for upstreams until one's answer began.
	// It begins when a call is given to the upstream's connections.
	Waited time.Duration
}

// Added is the time for which a request that was here, and then the beginning
// of its answer, were in the gateway's own hands: from the whole body's arrival
// to the first piece of the answer written, without the waiting for the
// answer's head and for the first byte behind it. ok is false when nothing of
// an answer has been passed on.
func (x *Exchange) Added() (added time.Duration, ok bool) {
	there := x.Timing.Answered - x.Timing.Received - x.Timing.Waited
	back := x.Timing.Passed - x.FirstByte
	return there + back, x.Timing.Passed > 0
}
