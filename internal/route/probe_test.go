package route

import (
	"net/http"
	"testing"
	"time"

	"tollgate"
)

// TestAProbeFindsOutAboutBoth: a timeout rests the upstream; when its probe is
// answered, be it with a failure of the model, the upstream is there, and after the
// model's own rest it is asked again at once.
func TestAProbeFindsOutAboutBoth(t *testing.T) {
	now := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	a, b := tollgate.Target{Upstream: "a", Model: "opus"}, tollgate.Target{Upstream: "b", Model: "opus"}
	other := tollgate.Target{Upstream: "a", Model: "haiku"}
	for _, status := range []int{http.StatusTooManyRequests, http.StatusInternalServerError, 529} {
		r := &rests{fares: map[subject]*fare{}}
		r.failed(a, Failure{Why: "timeout"}, now)
		if first := r.leaveOut([]tollgate.Target{a, b}, now)[0]; first != b {
			t.Fatalf("%v is asked while a rests", first)
		}
		probed := now.Add(2 * shortestRest)
		if first := r.leaveOut([]tollgate.Target{a, b}, probed)[0]; first != a {
			t.Fatalf("%v is asked when a's rest is over", first)
		}
		r.failed(a, Failure{Status: status, Why: "status"}, probed)
		if first := r.leaveOut([]tollgate.Target{other, b}, probed)[0]; first != other {
			t.Errorf("after %d another model of an upstream that answers is not asked", status)
		}
		later := probed.Add(3 * shortestRest)
		if first := r.leaveOut([]tollgate.Target{a, b}, later)[0]; first != a {
			t.Errorf("after %d the model is not asked again when its rest is over", status)
		}
		for _, rest := range r.list(later) {
			if !rest.Until.After(later) {
				t.Errorf("%+v is said to rest until a time that is over", rest)
			}
		}
	}
}
