package observe

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"tollgate"
)

// fate counts what did not go as it should. Every series is there from the
// beginning, so that the first event is an increase.
type fate struct {
	refusals   map[tollgate.Kind]prometheus.Counter
	incomplete map[string]prometheus.Counter

	estimated, interrupted prometheus.Counter
}

// endings are the words of an exchange's Error that are tollgate's own: the
// list in docs/operating.md, to which a test holds it. All others are a
// provider's, or those of a refusal.
var endings = []string{"client_hung_up", "upstream_cut", "usage_missing", "attempt_abandoned", "gateway_stopped"}

func newFate(make promauto.Factory) fate {
	f := fate{refusals: map[tollgate.Kind]prometheus.Counter{}, incomplete: map[string]prometheus.Counter{}}
	refusals := make.NewCounterVec(prometheus.CounterOpts{
		Name: "tollgate_refusals_total",
		Help: "Requests that tollgate itself refused, by reason, those of strangers included.",
	}, []string{"reason"})
	for _, kind := range tollgate.Kinds() {
		if kind != tollgate.ClientGone { // which is never spoken
			f.refusals[kind] = refusals.WithLabelValues(kind.String())
		}
	}
	incomplete := make.NewCounterVec(prometheus.CounterOpts{
		Name: "tollgate_incomplete_requests_total",
		Help: "Requests that did not end as requests do, by the word that the ledger has for it.",
	}, []string{"reason"})
	for _, ending := range endings {
		f.incomplete[ending] = incomplete.WithLabelValues(ending)
	}
	f.estimated = make.NewCounter(prometheus.CounterOpts{
		Name: "tollgate_estimated_requests_total",
		Help: "Requests whose usage or price the provider did not tell in full: their cost is an estimate.",
	})
	f.interrupted = make.NewCounter(prometheus.CounterOpts{
		Name: "tollgate_interrupted_requests_total",
		Help: "Requests that the gateway itself ended, by a stop that could not wait or by a fault of its own.",
	})
	return f
}

func (f *fate) add(x *tollgate.Exchange) {
	if x.Error != "" {
		if counter := f.incomplete[x.Error]; counter != nil {
			counter.Inc()
		}
	}
	if x.Estimated {
		f.estimated.Inc()
	}
	if x.Interrupted {
		f.interrupted.Inc()
	}
}

func (f *fate) refused(kind tollgate.Kind) {
	if counter := f.refusals[kind]; counter != nil {
		counter.Inc()
	}
}

// reload is how the last attempt to reload the configuration went.
type reload struct{ good, at prometheus.Gauge }

func newReload(make promauto.Factory) reload {
	return reload{
		good: make.NewGauge(prometheus.GaugeOpts{
			Name: "tollgate_config_last_reload_successful", Help: "1 when the configuration that was read last is in force, 0 when it was refused.",
		}),
		at: make.NewGauge(prometheus.GaugeOpts{
			Name: "tollgate_config_last_reload_success_timestamp_seconds", Help: "When the configuration in force was put in force, in seconds since 1970.",
		}),
	}
}

func (r reload) set(good bool, at time.Time) {
	r.good.Set(bit(good))
	if good {
		r.at.Set(float64(at.UnixMilli()) / 1000)
	}
}

func bit(set bool) float64 {
	if set {
		return 1
	}
	return 0
}
