package observe

import (
	"log/slog"
	"time"
)

// complaint tells operators of a collector that does not take what it is sent,
// once a minute at most, and when that is over. One goroutine owns it.
type complaint struct {
	now func() time.Time
	log *slog.Logger

	failing bool
	told    time.Time
	lost    int64 // when it was last told
}

const complaintPause = time.Minute

// hear is called after every export with its error; lost is how many requests
// have lost their spans since the start.
func (c *complaint) hear(err error, lost int64) {
	now := c.now()
	quiet := now.Sub(c.told) < complaintPause
	switch {
	case err != nil && !(c.failing && quiet):
		c.log.Warn("the trace collector does not take spans; requests are served as ever", "cause", err, "lost", lost-c.lost)
		c.failing = true
	case err == nil && c.failing:
		c.log.Info("the trace collector takes spans again", "lost", lost-c.lost)
		c.failing = false
	case err == nil && lost > c.lost && !quiet:
		c.log.Warn("more requests are traced than the collector takes; see telemetry.otlp.sample and max_per_second", "lost", lost-c.lost)
	default:
		return
	}
	c.told, c.lost = now, lost
}
