package app

import (
	"log/slog"
	"time"

	"tollgate/internal/config"
	"tollgate/internal/observe"
)

// newTracer traces requests if the configuration names a collector.
func newTracer(c *config.Config, version string, log *slog.Logger) *observe.Tracer {
	scheme := "http"
	if c.Listen.TLS != nil {
		scheme = "https"
	}
	tracer := observe.NewTracer(observe.TracerOptions{Version: version, Scheme: scheme, Now: time.Now, Log: log})
	tracer.Configure(c.Telemetry, c.Upstreams)
	return tracer
}
