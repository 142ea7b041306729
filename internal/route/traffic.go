package route

import (
	"time"

	"tollgate"
)

// Traffic is what is known of how upstreams fare: which of them rest, and which
// one serves which session. It outlives every configuration, and may be used by
// many goroutines at once.
type Traffic struct {
	now func() time.Time
}

// NewTraffic begins with nothing known.
func NewTraffic(now func() time.Time) *Traffic { return &Traffic{now: now} }

// Asker is whose request is to be sent somewhere, and for which model.
type Asker struct {
	Session, Key string
	Model        string // as the Messages API spells it
}

// Failure is how an upstream did not serve.
type Failure struct {
	Status     int           // of its answer; 0: there was none
	RetryAfter time.Duration // that it asked for; 0: none
	Why        string        // a word for people: "status 529", "timeout"
}

// Order says in which order targets are to be tried. Those at rest are left
// out, unless all of them are.
func (t *Traffic) Order(targets []tollgate.Target, who Asker) []tollgate.Target { return targets }

// Failed tells of an attempt that moved on.
func (t *Traffic) Failed(target tollgate.Target, how Failure) {}

// Answered tells of an attempt that was answered, with whatever.
func (t *Traffic) Answered(target tollgate.Target) {}

// Served remembers which upstream served a session, and writes into the
// exchange what moving there has cost. It is called once what was consumed is
// known.
func (t *Traffic) Served(x *tollgate.Exchange) {}
