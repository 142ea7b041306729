package observe

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"tollgate"
	"tollgate/internal/upstream"
)

// Tracer makes the spans of finished exchanges and sends them to a collector.
// Nothing that it does is waited for by a request, and what it holds is
// bounded. Without a collector it does nothing at all. Any goroutine may use it.
type Tracer struct {
	options TracerOptions
	counts  traceCounts
	current atomic.Pointer[tracing] // nil: no collector

	leaving sync.WaitGroup // exporters that a reload replaced

	firstPause, stopBound time.Duration // 0: the constants of these names
}

// TracerOptions are what a Tracer has to know beside its configuration.
type TracerOptions struct {
	Version string
	Scheme  string // what the data plane is reached by: "http" or "https"
	Now     func() time.Time
	Log     *slog.Logger
}

// tracing is what one configuration makes of it.
type tracing struct {
	config    *OTLP
	sampler   *sampler
	projector projector
	exporter  *exporter
}

// NewTracer makes a Tracer without a collector; Configure gives it one.
func NewTracer(options TracerOptions) *Tracer { return &Tracer{options: options} }

// Configure puts a configuration that is valid and complete in force. When it
// names another collector, what waits for the last one is sent there still. It
// is not called by two goroutines at once.
func (t *Tracer) Configure(c Telemetry, upstreams []upstream.Config) {
	last := t.current.Load()
	if c.OTLP == nil {
		t.current.Store(nil)
		t.retire(last)
		return
	}
	next := &tracing{
		config:    c.OTLP,
		sampler:   newSampler(c.OTLP, t.options.Now),
		projector: projector{scheme: t.options.Scheme, places: placesOf(upstreams)},
	}
	if last != nil && last.config.same(c.OTLP) {
		next.exporter = last.exporter
		t.current.Store(next)
		return
	}
	next.exporter = newExporter(c.OTLP, t.options, &t.counts)
	next.exporter.firstPause = cmp.Or(t.firstPause, firstPause)
	go next.exporter.run()
	t.current.Store(next)
	t.retire(last)
}

// stopBound is how long a collector that is not used any more may take for
// what still waits for it.
const stopBound = 5 * time.Second

func (t *Tracer) retire(last *tracing) {
	if last == nil {
		return
	}
	t.leaving.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), cmp.Or(t.stopBound, stopBound))
		defer cancel()
		last.exporter.stop(ctx)
	})
}

// Join decides where a request stands: in the trace that its client began, in
// one that begins here, or in none.
func (t *Tracer) Join(header http.Header) tollgate.Trace {
	now := t.current.Load()
	if now == nil {
		return tollgate.Trace{}
	}
	trace, limited := now.sampler.place(clientTrace(header))
	if limited {
		t.counts.limited.Add(1)
	}
	return trace
}

// Record takes a finished exchange, which nobody may write to any more. It
// never waits: an exchange for which there is no room is counted and dropped.
func (t *Tracer) Record(x *tollgate.Exchange) {
	if !x.Trace.Recorded() {
		return
	}
	if now := t.current.Load(); now != nil {
		now.exporter.take(finished{x, now.projector})
	}
}

// Stop sends what waits, for as long as ctx and stopBound allow. What is
// recorded later is dropped.
func (t *Tracer) Stop(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(t.stopBound, stopBound))
	defer cancel()
	if last := t.current.Swap(nil); last != nil {
		last.exporter.stop(ctx)
	}
	t.leaving.Wait()
}
