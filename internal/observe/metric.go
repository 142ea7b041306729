package observe

import (
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"tollgate"
)

// Metrics counts requests for Prometheus. It is a projection of the same
// record as the ledger row and the log line, so the sums of the three are one.
//
// No caller chooses a label: upstreams are the configured ones, models are
// those that the configuration or the price book names, teams are made by
// administrators and bounded in number, everything else is a list in the code.
// Keys, developers, services and sessions are no labels at all.
type Metrics struct {
	model     atomic.Pointer[func(string) (string, bool)]
	series    cache[seriesKey, *series]
	teams     cache[string, *teamSeries]
	upstreams *upstreams
	exchanges *prometheus.CounterVec

	traffic traffic
	bill    bill
	fate    fate
	reload  reload
	alerts  alerts
}

// NewMetrics registers everything that tollgate itself measures. version is
// the program's. What is to be read at each scrape comes from state.
func NewMetrics(into prometheus.Registerer, version string, state State) *Metrics {
	make := promauto.With(into)
	m := &Metrics{upstreams: newUpstreams(make), exchanges: newExchanges(make), traffic: newTraffic(make), bill: newBill(into, make), fate: newFate(make), reload: newReload(make), alerts: newAlerts(make)}
	m.NameModels(func(string) (string, bool) { return "", false })
	into.MustRegister(m.upstreams, state)
	newBuild(make, version)
	return m
}

// NameModels sets who knows the models that are worth a label: known returns
// the one word for all spellings of a name, or false.
func (m *Metrics) NameModels(known func(name string) (label string, ok bool)) { m.model.Store(&known) }

// Observe counts a finished request. It may be called by many goroutines and
// waits for none.
func (m *Metrics) Observe(x *tollgate.Exchange) {
	m.seriesOf(x).add(x)
	m.teamOf(x.Team).add(x)
	m.fate.add(x)
	m.upstreams.add(x)
}

// Refused counts a refusal, whoever was refused.
func (m *Metrics) Refused(kind tollgate.Kind) { m.fate.refused(kind) }

// Reloaded tells of an attempt to put another configuration in force.
func (m *Metrics) Reloaded(good bool, at time.Time) { m.reload.set(good, at) }

// traffic is how much is asked and how long it takes.
type traffic struct {
	requests                   *prometheus.CounterVec
	requestBytes, answerBytes  *prometheus.CounterVec
	duration, firstByte, added *prometheus.HistogramVec
}

// Bounds of the histograms, in seconds. A model begins to answer after 0.3 s
// to some minutes, and an answer may stream for an hour; what the gateway adds
// is to be below 0.3 ms at the median and below 2 ms for 99 of 100 requests.
var (
	firstByteBuckets = []float64{0.1, 0.25, 0.5, 1, 2, 3, 5, 8, 13, 20, 30, 60, 120, 300, 600}
	durationBuckets  = []float64{0.1, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600}
	addedBuckets     = []float64{50e-6, 100e-6, 200e-6, 300e-6, 500e-6, 1e-3, 2e-3, 5e-3, 10e-3, 25e-3, 50e-3, 100e-3}
)

func newTraffic(make promauto.Factory) traffic {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return make.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	}
	histogram := func(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
		return make.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}, labels)
	}
	return traffic{
		requests: counter("tollgate_requests_total",
			"Finished requests by known keys: one for every row of the ledger. code is the status as the client got it, 499 when it hung up before any.",
			"operation", "upstream", "model", "code"),
		requestBytes: counter("tollgate_request_body_bytes_total", "Bytes of request bodies, as they came.", "upstream"),
		answerBytes:  counter("tollgate_response_body_bytes_total", "Bytes of response bodies, as they came from the upstream.", "upstream"),
		duration: histogram("tollgate_request_duration_seconds",
			"Time from a request's arrival to the end of its answer.", durationBuckets, "operation", "upstream", "stream"),
		firstByte: histogram("tollgate_first_byte_seconds",
			"Time from a message's arrival to the first byte of the answer's body, of answers with status 200.", firstByteBuckets, "upstream", "model", "stream"),
		added: histogram("tollgate_added_latency_seconds",
			"Time that the gateway itself added: from the arrival of the whole request to the first piece of the answer written, without the waiting for upstreams.",
			addedBuckets, "operation"),
	}
}

// bill is what was consumed and what it cost.
type bill struct {
	tokens      *prometheus.CounterVec
	webSearches *prometheus.CounterVec
	cost        *money

	teamRequests *prometheus.CounterVec
	teamCost     *money
}

func newBill(into prometheus.Registerer, make promauto.Factory) bill {
	b := bill{
		tokens: make.NewCounterVec(prometheus.CounterOpts{
			Name: "tollgate_tokens_total",
			Help: "Tokens that were billed, by the classes that have prices of their own. The classes are disjoint.",
		}, []string{"upstream", "model", "class"}),
		webSearches: make.NewCounterVec(prometheus.CounterOpts{
			Name: "tollgate_web_searches_total", Help: "Web searches that providers made and billed.",
		}, []string{"upstream", "model"}),
		cost: newMoney("tollgate_cost_usd_total",
			"What requests cost, in US dollars. It is counted in nano-dollars and exact up to about 9 million dollars.", "upstream", "model"),
		teamRequests: make.NewCounterVec(prometheus.CounterOpts{
			Name: "tollgate_team_requests_total",
			Help: "Finished requests by team; the empty team is that of keys without one. After the first " + strconv.Itoa(teamBound) + " teams, the rest are \"other\".",
		}, []string{"team"}),
		teamCost: newMoney("tollgate_team_cost_usd_total", "What the requests of a team cost, in US dollars.", "team"),
	}
	into.MustRegister(b.cost, b.teamCost)
	return b
}
