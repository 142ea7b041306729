package observe

import (
	"strings"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"tollgate"
)

// money counts dollars exactly: the sum is an integer of nano-dollars, and
// becomes the floating point number that Prometheus takes only when it is
// read. A sum of floats would drift away from the ledger's.
type money struct {
	about   *prometheus.Desc
	amounts cache[string, *amount]
}

// amount is one series of money. It never falls: the price book has no
// negative costs.
type amount struct {
	labels []string
	nano   atomic.Int64
}

func newMoney(name, help string, labels ...string) *money {
	return &money{about: prometheus.NewDesc(name, help, labels, nil)}
}

// of finds the series with these label values.
func (m *money) of(labels ...string) *amount {
	key := strings.Join(labels, "\xff") // which is in no UTF-8
	return m.amounts.make(key, func() *amount { return &amount{labels: labels} })
}

func (a *amount) add(cost tollgate.Money) { a.nano.Add(int64(cost)) }

// Describe implements prometheus.Collector.
func (m *money) Describe(out chan<- *prometheus.Desc) { out <- m.about }

// Collect implements prometheus.Collector.
func (m *money) Collect(out chan<- prometheus.Metric) {
	for _, each := range m.amounts.all() {
		dollars := float64(each.nano.Load()) / float64(tollgate.Dollar)
		out <- prometheus.MustNewConstMetric(m.about, prometheus.CounterValue, dollars, each.labels...)
	}
}
