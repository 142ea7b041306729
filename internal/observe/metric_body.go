package observe

import "github.com/prometheus/client_golang/prometheus"

// SealedBodies are the bodies that are kept beside the audit log.
type SealedBodies struct {
	Memory  Room  // of those that are not on the disk yet, in bytes
	Waiting int   // to be sealed
	Bytes   int64 // on the disk
	Removed int64 // counted since the start
	Fates   []BodyFate
}

// BodyFate is how many bodies met a fate since the start.
type BodyFate struct {
	Body, Fate string
	Count      int64
}

var (
	bodyFates   = counter("tollgate_audit_bodies_total", "Bodies that were to be kept, by whether they were sealed, or why not: dropped_ and the reason.", "body", "fate")
	bodyRemoved = counter("tollgate_audit_bodies_removed_total", "Sealed bodies that were removed, since their time was over or they were too many.")
	bodyBytes   = gauge("tollgate_audit_bodies_size_bytes", "Size of the sealed bodies on the disk, as far as this process knows.")
	bodyWaiting = gauge("tollgate_audit_bodies_waiting", "Bodies that wait to be sealed.")
	bodyMemory  = gauge("tollgate_audit_bodies_memory_bytes", "Memory of bodies that are not on the disk yet, those of answers under way among them.")
	bodyMost    = gauge("tollgate_audit_bodies_memory_limit_bytes", "The bound on that memory. What has no room is dropped, and its record says so.")
)

var bodyFigures = []figure{bodyFates, bodyRemoved, bodyBytes, bodyWaiting, bodyMemory, bodyMost}

func (b SealedBodies) collect(out chan<- prometheus.Metric) {
	for _, each := range b.Fates {
		out <- bodyFates.is(float64(each.Count), each.Body, each.Fate)
	}
	out <- bodyRemoved.is(float64(b.Removed))
	out <- bodyBytes.is(float64(b.Bytes))
	out <- bodyWaiting.is(float64(b.Waiting))
	out <- bodyMemory.is(float64(b.Memory.Held))
	out <- bodyMost.is(float64(b.Memory.Bound))
}
