package observe

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

func newExchanges(make promauto.Factory) *prometheus.CounterVec {
	return make.NewCounterVec(prometheus.CounterOpts{
		Name: "tollgate_token_exchanges_total",
		Help: "Tokens of pipelines that were to be exchanged for a key, by the configured issuer and by what became of them: issued, or why not.",
	}, []string{"issuer", "outcome"})
}

// Exchanged counts a token that was to be exchanged. issuer is the configured name,
// empty for one that nobody knows.
func (m *Metrics) Exchanged(issuer, outcome string) {
	m.exchanges.WithLabelValues(issuer, outcome).Inc()
}
