package observe

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"tollgate"
)

// auditSinks are those who are handed the audit log.
type auditSinks []tollgate.AuditSink

var (
	sinkWaiting  = gauge("tollgate_audit_sink_waiting_records", "Records of the audit log that the sink has not got, as of when it was last tried.", "sink")
	sinkOldest   = gauge("tollgate_audit_sink_oldest_waiting_seconds", "Age of the first record of the audit log that the sink has not got; 0 when it has all.", "sink")
	sinkFailing  = gauge("tollgate_audit_sink_failing", "1 while the sink of the audit log does not take what it is sent, 0 otherwise.", "sink")
	sinkRecords  = counter("tollgate_audit_sink_records_total", "Records of the audit log that the sink took.", "sink")
	sinkFailures = counter("tollgate_audit_sink_failures_total", "Attempts to deliver the audit log to the sink that failed; what they were to deliver is tried again.", "sink")
)

func (all auditSinks) collect(out chan<- prometheus.Metric) {
	for _, each := range all {
		out <- sinkWaiting.is(float64(each.Waiting), each.Name)
		out <- sinkOldest.is(age(each.Oldest).Seconds(), each.Name)
		out <- sinkFailing.is(bit(!each.FailingSince.IsZero()), each.Name)
		out <- sinkRecords.is(float64(each.Records), each.Name)
		out <- sinkFailures.is(float64(each.Failures), each.Name)
	}
}

// age is how long ago something was; nothing for the zero time.
func age(at time.Time) time.Duration {
	if at.IsZero() {
		return 0
	}
	return max(0, time.Since(at))
}
