package observe

import "sync/atomic"

// TraceStats are what became of the requests that were to be traced. All but
// Waiting count from the start of the process.
type TraceStats struct {
	Waiting  int   // for the collector, just now
	Sent     int64 // the collector took their spans
	Dropped  int64 // there was no room for them
	Failed   int64 // the collector did not take their spans
	Limited  int64 // not traced because of max_per_second
	Rejected int64 // spans, not requests, that the collector took and threw away
}

type traceCounts struct {
	sent, dropped, failed, limited, rejected atomic.Int64
}

// Stats says what became of everything so far.
func (t *Tracer) Stats() TraceStats {
	stats := TraceStats{
		Sent:     t.counts.sent.Load(),
		Dropped:  t.counts.dropped.Load(),
		Failed:   t.counts.failed.Load(),
		Limited:  t.counts.limited.Load(),
		Rejected: t.counts.rejected.Load(),
	}
	if now := t.current.Load(); now != nil {
		stats.Waiting = len(now.exporter.queue)
	}
	return stats
}

// lost is what operators have to hear of.
func (c *traceCounts) lost() int64 { return c.dropped.Load() + c.failed.Load() }
