package observe

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// alerts counts what becomes of alerts on budgets.
type alerts struct{ outcomes *prometheus.CounterVec }

// alertOutcomes are the labels of alerts.
var alertOutcomes = []string{"delivered", "failed", "given_up"}

func newAlerts(make promauto.Factory) alerts {
	return alerts{make.NewCounterVec(prometheus.CounterOpts{
		Name: "tollgate_alerts_total",
		Help: "Alerts on budgets, by whom they are for and what became of them: delivered; failed, once for each attempt, with more to come; given_up, a day after the budget's period.",
	}, []string{"sink", "outcome"})}
}

// NameSinks says who is told of alerts, so that each has its series before the
// first event.
func (m *Metrics) NameSinks(names []string) {
	for _, name := range names {
		for _, outcome := range alertOutcomes {
			m.alerts.outcomes.WithLabelValues(name, outcome)
		}
	}
}

// Alerted counts an outcome of an alert.
func (m *Metrics) Alerted(sink, outcome string) {
	m.alerts.outcomes.WithLabelValues(sink, outcome).Inc()
}
