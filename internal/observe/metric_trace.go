package observe

import "github.com/prometheus/client_golang/prometheus"

var (
	traceWaiting  = gauge("tollgate_trace_waiting_requests", "Requests whose spans wait to be sent to the trace collector.")
	traceRequests = counter("tollgate_trace_requests_total",
		"Requests that were to be traced, by what became of their spans: sent; dropped, for want of room; failed, for want of a collector that takes them; limited, by max_per_second.", "outcome")
	traceRejected = counter("tollgate_trace_rejected_spans_total", "Spans that the collector took and threw away.")
)

func (s TraceStats) collect(out chan<- prometheus.Metric) {
	out <- traceWaiting.is(float64(s.Waiting))
	out <- traceRequests.is(float64(s.Sent), "sent")
	out <- traceRequests.is(float64(s.Dropped), "dropped")
	out <- traceRequests.is(float64(s.Failed), "failed")
	out <- traceRequests.is(float64(s.Limited), "limited")
	out <- traceRejected.is(float64(s.Rejected))
}
