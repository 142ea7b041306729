package alert

import (
	"context"
	"sync"

	"tollgate"
)

// TestAlerts sends a trial message to every sink, once, and returns when each
// has taken it or has not, in the order of the configuration. The outbox has no
// part in it.
func (s *Sender) TestAlerts(ctx context.Context) []tollgate.AlertTest {
	sinks := s.plan.Load().sinks
	tests := make([]tollgate.AlertTest, len(sinks))
	var group sync.WaitGroup
	for i, sink := range sinks {
		group.Go(func() {
			ctx, cancel := attemptContext(ctx)
			defer cancel()
			tests[i].Sink = sink.name
			if err := sink.Deliver(ctx, newTrial(sink.name, s.Now().In(s.Zone))); err != nil {
				tests[i].Error = err.Error()
			}
		})
	}
	group.Wait()
	return tests
}
