// Package handover lets one process take the listening sockets of another, so
// that a program can be replaced while it serves, and takes those that a
// supervisor opened beforehand.
//
// The socket itself passes from process to process, never its address: a
// second socket on the same address would have an accept queue of its own, and
// what waits in a queue is reset when its socket is closed
// (docs/design/handover.md). There is no moment at which nobody holds the
// socket, and none at which a connection is refused.
//
// The package knows nothing of what is served. The process that serves speaks
// through a Holder; the one that takes over says what it does with a Claim.
// Whatever goes wrong before the successor has said that it serves, the
// predecessor goes on as if nothing had been.
package handover

import (
	"errors"
	"fmt"
)

// version is that of the protocol. A process that speaks another is refused.
// Since 2, a predecessor serves nothing by itself after Yield that what is
// yielded decides.
const version = 2

// Holder is the process that serves, as the protocol sees it. The calls of one
// hand-over come one after the other: Consent, then Yield or not, then either
// Resume or Retire. There is one hand-over at a time.
type Holder interface {
	// Consent says why process pid may not take over, or nothing. takeover:
	// it was started to do so, and does not merely find the place taken.
	// ErrGone: there will be nothing to take over in a moment.
	Consent(pid int, takeover bool) error
	// Yield lets go of everything that only one process can have, the right to
	// decide included, and returns the sockets to pass on. They stay open here
	// until Retire.
	Yield() ([]*Listener, error)
	// Resume takes everything back: the successor has failed, or the
	// hand-over has been given up.
	Resume(cause error)
	// Retire is called once the successor serves.
	Retire()
}

// ErrNobody is returned by Ask when no process answers.
var ErrNobody = errors.New("no process answers")

// ErrGone is returned when the predecessor has ended in the middle. What it
// held is free, or will be.
var ErrGone = errors.New("the process that was to hand over has gone")

// RefusedError is the answer of a process that does not hand over.
type RefusedError struct{ Reason string }

func (e *RefusedError) Error() string { return "the process does not hand over: " + e.Reason }

// unexpected is a message at the wrong time.
func unexpected(got, want word) error {
	return fmt.Errorf("the other process says %q, not %q", got, want)
}
