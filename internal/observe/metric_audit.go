package observe

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// AuditLog is how far the audit log is signed.
type AuditLog struct {
	Uncommitted int64     // records that no checkpoint commits to yet
	Checkpoint  time.Time // when this process took its newest; zero: none yet
}

var (
	auditUncommitted = gauge("tollgate_audit_uncommitted_records", "Records of the audit log that no checkpoint commits to yet.")
	auditCheckpoint  = gauge("tollgate_audit_checkpoint_timestamp_seconds", "When this process took its newest checkpoint of the audit log, in Unix time; absent before the first.")
)

func (l AuditLog) collect(out chan<- prometheus.Metric) {
	out <- auditUncommitted.is(float64(l.Uncommitted))
	if !l.Checkpoint.IsZero() {
		out <- auditCheckpoint.is(float64(l.Checkpoint.UnixMilli()) / 1000)
	}
}
