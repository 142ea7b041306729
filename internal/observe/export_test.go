package observe

import "time"

// What an exporter holds at the most, for tests that fill one.
const (
	QueueSize = queueSize
	BatchSize = batchSize
)

// SetWaits says how long an exporter rests before it tries again, and how long
// one may take that is not used any more. It is for exporters that are made
// later.
func (t *Tracer) SetWaits(pause, stop time.Duration) { t.firstPause, t.stopBound = pause, stop }
