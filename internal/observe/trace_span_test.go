package observe

import (
	"testing"

	"tollgate"
)

// TestNoSpanOfWhatWasNotSent: a request that the gateway refuses at the last
// moment, for want of a record of it, names an upstream that never saw it.
func TestNoSpanOfWhatWasNotSent(t *testing.T) {
	x := &tollgate.Exchange{Operation: tollgate.Messages, Upstream: "a", Status: 529, Error: "overloaded_error", Trace: tollgate.Trace{Span: [8]byte{1}}}
	if spans := (projector{}).spans(x); len(spans) != 1 {
		t.Errorf("%v", spans)
	}
	x.Timing.Waited = 1
	if spans := (projector{}).spans(x); len(spans) != 2 {
		t.Errorf("%v", spans)
	}
}
