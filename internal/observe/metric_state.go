package observe

import (
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"tollgate"
)

// State is what is asked for at each scrape, of whoever knows. Its functions
// must be quick. A nil one leaves its metrics out.
type State struct {
	Load    func() Load
	Journal func() Journal
	Traces  func() TraceStats
	Budgets func() []tollgate.BudgetState
	// Resting has every upstream that is configured, and whether it rests, or one
	// of its models does.
	Resting func() map[string]bool
	// AuditLog is how far it is signed.
	AuditLog func() AuditLog
	// AuditSinks is how far those are who are handed the audit log.
	AuditSinks func() []tollgate.AuditSink
	// SealedBodies are those that are kept.
	SealedBodies func() SealedBodies
}

// Load is what the data plane holds.
type Load struct {
	Requests    Room // of known keys, under way
	Connections Room
	Bodies      Room // of those requests, in bytes
}

// Room is how much there is of something that has a bound, how much there may
// be, and how often the bound said no.
type Room struct{ Held, Bound, Refused int64 }

// Journal is how far the database is behind, and what keeps it there.
type Journal struct {
	Open     int           // requests begun and not ended
	Waiting  int64         // requests that have ended and are not in the database
	Oldest   time.Duration // how long the oldest of them has waited, at most
	Bytes    int64         // of all segments
	MaxBytes int64

	// Counted since the start.
	Written                   int64 // bytes
	Syncs                     int64
	Refused, Unrecorded, Lost int64 // requests: for want of a record, without one, without a row for ever
	Killed                    int64 // requests
	Damaged                   int64 // stretches

	Writable      bool // the journal's disk takes records
	StoreWritable bool // the database takes rows
}

// figure is one number of the state.
type figure struct {
	about *prometheus.Desc
	kind  prometheus.ValueType
}

func gauge(name, help string, labels ...string) figure {
	return figure{prometheus.NewDesc(name, help, labels, nil), prometheus.GaugeValue}
}

func counter(name, help string, labels ...string) figure {
	return figure{prometheus.NewDesc(name, help, labels, nil), prometheus.CounterValue}
}

func (f figure) is(value float64, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstMetric(f.about, f.kind, value, labels...)
}

var (
	requests       = gauge("tollgate_requests_in_flight", "Requests of known keys that are being served.")
	maxRequests    = gauge("tollgate_requests_in_flight_limit", "The bound on requests that are being served, limits.max_requests.")
	connections    = gauge("tollgate_open_connections", "Open connections of clients to the data plane.")
	maxConnections = gauge("tollgate_open_connections_limit", "The bound on open connections, limits.max_connections.")
	bodies         = gauge("tollgate_bodies_in_flight_bytes", "Memory that the bodies of requests in flight take.")
	maxBodies      = gauge("tollgate_bodies_in_flight_limit_bytes", "The bound on the memory that bodies take, limits.max_body_bytes_in_flight.")
	turnedAway     = counter("tollgate_bound_refusals_total", "How often a bound of the gateway said no, by its name under limits.", "bound")

	upstreamResting = gauge("tollgate_upstream_resting", "1 while nothing is sent to the upstream, or nothing for one of its models, since it has failed; 0 otherwise.", "upstream")

	journalOpen       = gauge("tollgate_journal_open_requests", "Requests that the journal knows to have begun and not to have ended.")
	journalWaiting    = gauge("tollgate_journal_waiting_requests", "Requests that have ended and are not in the database yet.")
	journalOldest     = gauge("tollgate_journal_oldest_waiting_seconds", "How long the oldest of the waiting requests has waited for the database, at most.")
	journalBytes      = gauge("tollgate_journal_size_bytes", "Size of the journal's files.")
	journalMaxBytes   = gauge("tollgate_journal_size_limit_bytes", "The bound on the size of the journal's files, journal.max_bytes.")
	journalWritable   = gauge("tollgate_journal_writable", "1 when the journal's disk takes records, 0 when it does not.")
	storeWritable     = gauge("tollgate_store_writable", "1 when the database takes rows, 0 when it does not.")
	journalSyncs      = counter("tollgate_journal_syncs_total", "How often the journal was made durable; one sync carries many records.")
	journalWritten    = counter("tollgate_journal_written_bytes_total", "Bytes written to the journal.")
	journalRefused    = counter("tollgate_journal_refused_requests_total", "Requests refused because they could not be recorded.")
	journalLost       = counter("tollgate_journal_lost_requests_total", "Requests that have no row in the ledger and never will. The log has each.")
	journalUnrecorded = counter("tollgate_journal_unrecorded_requests_total", "Requests served without a record, as journal.when_unable: serve allows.")
	journalKilled     = counter("tollgate_journal_killed_requests_total", "Requests that a dead process had under way, recovered as interrupted rows.")
	journalDamaged    = counter("tollgate_journal_damaged_stretches_total", "Damaged stretches of the journal that were set aside.")
)

// Describe implements prometheus.Collector.
func (s State) Describe(out chan<- *prometheus.Desc) {
	for _, each := range s.figures() {
		out <- each.about
	}
}

// figures are those that somebody knows.
func (s State) figures() (known []figure) {
	if s.Load != nil {
		known = append(known, requests, maxRequests, connections, maxConnections, bodies, maxBodies, turnedAway)
	}
	if s.Journal != nil {
		known = append(known, journalOpen, journalWaiting, journalOldest, journalBytes, journalMaxBytes,
			journalWritable, storeWritable, journalSyncs, journalWritten, journalRefused, journalUnrecorded, journalLost, journalKilled, journalDamaged)
	}
	if s.Traces != nil {
		known = append(known, traceWaiting, traceRequests, traceRejected)
	}
	if s.Budgets != nil {
		known = append(known, budgetLimit, budgetSpent, budgetHeld, budgetFullest)
	}
	if s.Resting != nil {
		known = append(known, upstreamResting)
	}
	if s.AuditLog != nil {
		known = append(known, auditUncommitted, auditCheckpoint)
	}
	if s.AuditSinks != nil {
		known = append(known, sinkWaiting, sinkOldest, sinkFailing, sinkRecords, sinkFailures)
	}
	if s.SealedBodies != nil {
		known = append(known, bodyFigures...)
	}
	return known
}

// Collect implements prometheus.Collector.
func (s State) Collect(out chan<- prometheus.Metric) {
	if s.Load != nil {
		s.Load().collect(out)
	}
	if s.Journal != nil {
		s.Journal().collect(out)
	}
	if s.Traces != nil {
		s.Traces().collect(out)
	}
	if s.Budgets != nil {
		budgets(s.Budgets()).collect(out)
	}
	if s.Resting != nil {
		for name, rests := range s.Resting() {
			out <- upstreamResting.is(bit(rests), name)
		}
	}
	if s.AuditLog != nil {
		s.AuditLog().collect(out)
	}
	if s.AuditSinks != nil {
		auditSinks(s.AuditSinks()).collect(out)
	}
	if s.SealedBodies != nil {
		s.SealedBodies().collect(out)
	}
}

func (l Load) collect(out chan<- prometheus.Metric) {
	l.Requests.collect(out, requests, maxRequests, "max_requests")
	l.Connections.collect(out, connections, maxConnections, "max_connections")
	l.Bodies.collect(out, bodies, maxBodies, "max_body_bytes_in_flight")
}

func (r Room) collect(out chan<- prometheus.Metric, held, bound figure, what string) {
	out <- held.is(float64(r.Held))
	out <- bound.is(float64(r.Bound))
	out <- turnedAway.is(float64(r.Refused), what)
}

func (j Journal) collect(out chan<- prometheus.Metric) {
	out <- journalOpen.is(float64(j.Open))
	out <- journalWaiting.is(float64(j.Waiting))
	out <- journalOldest.is(j.Oldest.Seconds())
	out <- journalBytes.is(float64(j.Bytes))
	out <- journalMaxBytes.is(float64(j.MaxBytes))
	out <- journalWritable.is(bit(j.Writable))
	out <- storeWritable.is(bit(j.StoreWritable))
	out <- journalSyncs.is(float64(j.Syncs))
	out <- journalWritten.is(float64(j.Written))
	out <- journalRefused.is(float64(j.Refused))
	out <- journalUnrecorded.is(float64(j.Unrecorded))
	out <- journalLost.is(float64(j.Lost))
	out <- journalKilled.is(float64(j.Killed))
	out <- journalDamaged.is(float64(j.Damaged))
}

// newBuild is a 1 that carries what is running.
func newBuild(make promauto.Factory, version string) {
	make.NewGauge(prometheus.GaugeOpts{
		Name: "tollgate_build_info", Help: "1, with the version of tollgate and of the Go that built it.",
		ConstLabels: prometheus.Labels{"version": version, "goversion": runtime.Version()},
	}).Set(1)
}
