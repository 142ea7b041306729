package observe

import (
	"net/http"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"tollgate"
)

// seriesKey is everything about a request that chooses where it is counted.
type seriesKey struct {
	operation       tollgate.Operation
	upstream, model string
	status          int
	stream          bool
}

// series are the places where requests with one key are counted, looked up
// once: that costs more than all the counting.
type series struct {
	requests                   prometheus.Counter
	requestBytes, answerBytes  prometheus.Counter
	duration, firstByte, added prometheus.Observer // firstByte is nil where it says nothing

	tokens      [5]prometheus.Counter
	webSearches prometheus.Counter
	cost        *amount
}

// tokenClasses are the labels of series.tokens.
var tokenClasses = [5]string{"input", "cache_write_5m", "cache_write_1h", "cache_read", "output"}

func (m *Metrics) seriesOf(x *tollgate.Exchange) *series {
	key := seriesKey{operation: x.Operation, upstream: x.Upstream, model: m.modelLabel(x.Model), status: boundStatus(x.Status), stream: x.Stream}
	if found, ok := m.series.get(key); ok {
		return found
	}
	return m.series.make(key, func() *series { return m.newSeries(key) })
}

func (m *Metrics) newSeries(key seriesKey) *series {
	operation, stream := string(key.operation), strconv.FormatBool(key.stream)
	s := &series{
		requests:     m.traffic.requests.WithLabelValues(operation, key.upstream, key.model, codeLabel(key.status)),
		requestBytes: m.traffic.requestBytes.WithLabelValues(key.upstream),
		answerBytes:  m.traffic.answerBytes.WithLabelValues(key.upstream),
		duration:     m.traffic.duration.WithLabelValues(operation, key.upstream, stream),
		added:        m.traffic.added.WithLabelValues(operation),
		webSearches:  m.bill.webSearches.WithLabelValues(key.upstream, key.model),
		cost:         m.bill.cost.of(key.upstream, key.model),
	}
	if key.operation == tollgate.Messages && key.status == http.StatusOK {
		s.firstByte = m.traffic.firstByte.WithLabelValues(key.upstream, key.model, stream)
	}
	for i, class := range tokenClasses {
		s.tokens[i] = m.bill.tokens.WithLabelValues(key.upstream, key.model, class)
	}
	return s
}

func (s *series) add(x *tollgate.Exchange) {
	s.requests.Inc()
	s.requestBytes.Add(float64(x.RequestBytes))
	s.answerBytes.Add(float64(x.ResponseBytes))
	s.duration.Observe(x.Duration.Seconds())
	if s.firstByte != nil && x.FirstByte > 0 {
		s.firstByte.Observe(x.FirstByte.Seconds())
	}
	if added, ok := x.Added(); ok {
		s.added.Observe(added.Seconds())
	}
	for i, tokens := range [...]int64{x.Usage.Input, x.Usage.CacheWrite5m, x.Usage.CacheWrite1h, x.Usage.CacheRead, x.Usage.Output} {
		if tokens > 0 {
			s.tokens[i].Add(float64(tokens))
		}
	}
	s.webSearches.Add(float64(x.Usage.WebSearches))
	s.cost.add(x.Cost)
}

// teamBound is how many teams have a label of their own.
const teamBound = 200

type teamSeries struct {
	requests prometheus.Counter
	cost     *amount
}

func (m *Metrics) teamOf(team string) *teamSeries {
	if found, ok := m.teams.get(team); ok {
		return found
	}
	if len(m.teams.all()) >= teamBound && team != other {
		return m.teamOf(other)
	}
	return m.teams.make(team, func() *teamSeries {
		return &teamSeries{m.bill.teamRequests.WithLabelValues(team), m.bill.teamCost.of(team)}
	})
}

func (t *teamSeries) add(x *tollgate.Exchange) {
	t.requests.Inc()
	t.cost.add(x.Cost)
}
