package admin

import (
	"context"
	"net/http"

	"tollgate"
	"tollgate/api"
)

// TestAlerts sends a trial message to everybody who is told of alerts, and says
// what became of each. There may be nobody.
func (s *Service) TestAlerts(ctx context.Context, caller Caller) ([]tollgate.AlertTest, error) {
	if err := s.authorize(caller, testAlerts); err != nil {
		return nil, err
	}
	tests := s.rules.TestAlerts(ctx)
	failed := 0
	for _, test := range tests {
		if test.Error != "" {
			failed++
		}
	}
	return tests, s.recorded(ctx, caller, testAlerts, "alerts", nil, "sinks", len(tests), "failed", failed)
}

func (f *face) testAlerts(r *http.Request, caller Caller) (any, error) {
	tests, err := f.service.TestAlerts(r.Context(), caller)
	return page(tests, wireAlertTest), err
}

func wireAlertTest(test tollgate.AlertTest) api.AlertTest {
	return api.AlertTest{Sink: test.Sink, Error: optional(test.Error)}
}
