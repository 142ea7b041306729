package observe

import "time"

// What an exporter holds at the most, for tests that fill one.
const (
	QueueSize = queueSize
	BatchSize = batchSize
)

// SetFirstPause says how long an exporter rests before it tries again. It is
// for exporters that are made later.
func (t *Tracer) SetFirstPause(pause time.Duration) { t.firstPause = pause }
