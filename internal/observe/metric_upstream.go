package observe

import (
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"tollgate"
)

// upstreams is how each upstream fared, as told by the requests that have
// ended. One that was never tried is not in it.
type upstreams struct {
	failures, moves, moved *prometheus.CounterVec
	known                  cache[string, *upstreamState]
	configured             atomic.Pointer[[]string] // nil: nobody has said

	up, answered, failed *prometheus.Desc
}

// upstreamState has the moments in microseconds since 1970; 0 is never.
type upstreamState struct {
	failures         prometheus.Counter
	answered, failed atomic.Int64
}

func newUpstreams(make promauto.Factory) *upstreams {
	about := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, []string{"upstream"}, nil)
	}
	return &upstreams{
		failures: make.NewCounterVec(prometheus.CounterOpts{
			Name: "tollgate_upstream_failed_attempts_total",
			Help: "Attempts at which an upstream did not serve and the request moved on: no connection, no answer in time, one that broke before it began, or a status that another upstream may better.",
		}, []string{"upstream"}),
		moves: make.NewCounterVec(prometheus.CounterOpts{
			Name: "tollgate_session_moves_total",
			Help: "Requests with which a session left this upstream for another one, since it could not serve.",
		}, []string{"upstream"}),
		moved: make.NewCounterVec(prometheus.CounterOpts{
			Name: "tollgate_session_moved_tokens_total",
			Help: "Tokens that sessions had in this upstream's cache when they left it: about as many had to be cached again.",
		}, []string{"upstream"}),
		up: about("tollgate_upstream_up",
			"1 when the upstream served at the last attempt, 0 when it did not: no answer, a status of 500 or more, or one that another upstream may better, such as a credential that is refused. Absent until the first attempt."),
		answered: about("tollgate_upstream_last_answer_timestamp_seconds", "When the upstream last served, in seconds since 1970."),
		failed:   about("tollgate_upstream_last_failure_timestamp_seconds", "When the upstream last did not serve, in seconds since 1970."),
	}
}

func (u *upstreams) add(x *tollgate.Exchange) {
	for _, attempt := range x.Failed {
		state := u.of(attempt.Upstream)
		state.failures.Inc()
		raise(&state.failed, x.Time.Add(attempt.Ended))
	}
	if x.MovedFrom != "" {
		u.moves.WithLabelValues(x.MovedFrom).Inc()
		u.moved.WithLabelValues(x.MovedFrom).Add(float64(x.MovedTokens))
	}
	if x.Timing.Answered == 0 {
		return
	}
	state, at := u.of(x.Upstream), x.Time.Add(x.Timing.Answered)
	if x.Status >= http.StatusInternalServerError {
		raise(&state.failed, at)
	} else {
		raise(&state.answered, at)
	}
}

func (u *upstreams) of(name string) *upstreamState {
	if state, ok := u.known.get(name); ok {
		return state
	}
	return u.known.make(name, func() *upstreamState {
		return &upstreamState{failures: u.failures.WithLabelValues(name)}
	})
}

// NameUpstreams says which upstreams are configured: of others it is not told how
// they fare.
func (m *Metrics) NameUpstreams(names []string) { m.upstreams.configured.Store(&names) }

// raise moves a moment forward, never back: requests end in another order than
// their answers begin.
func raise(moment *atomic.Int64, at time.Time) {
	next := at.UnixMicro()
	for {
		last := moment.Load()
		if last >= next || moment.CompareAndSwap(last, next) {
			return
		}
	}
}

// Describe implements prometheus.Collector.
func (u *upstreams) Describe(out chan<- *prometheus.Desc) {
	out <- u.up
	out <- u.answered
	out <- u.failed
}

// Collect implements prometheus.Collector.
func (u *upstreams) Collect(out chan<- prometheus.Metric) {
	configured := u.configured.Load()
	for name, state := range u.known.all() {
		if configured != nil && !slices.Contains(*configured, name) {
			continue // how it fares is nobody's concern any more
		}
		answered, failed := state.answered.Load(), state.failed.Load()
		out <- prometheus.MustNewConstMetric(u.up, prometheus.GaugeValue, bit(answered >= failed), name)
		for _, moment := range []struct {
			about  *prometheus.Desc
			micros int64
		}{{u.answered, answered}, {u.failed, failed}} {
			if moment.micros > 0 {
				out <- prometheus.MustNewConstMetric(moment.about, prometheus.GaugeValue, float64(moment.micros)/1e6, name)
			}
		}
	}
}
