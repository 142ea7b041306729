package tollgate

import (
	"testing"
	"time"
)

// Of 100 ms until the first piece was written, 30 went by before the request
// was here, 40 and then 20 while the provider thought.
func TestAddedLeavesOutEveryWait(t *testing.T) {
	const ms = time.Millisecond
	x := Exchange{FirstByte: 95 * ms, Timing: Timing{Received: 30 * ms, Answered: 75 * ms, Waited: 40 * ms, Passed: 100 * ms}}
	if added, ok := x.Added(); !ok || added != 10*ms {
		t.Errorf("added %s, %v", added, ok)
	}
	x.Timing.Passed = 0
	if _, ok := x.Added(); ok {
		t.Error("something was added to an answer that never came")
	}
}
