package observe

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"tollgate"
)

// What an exporter holds at the most, in requests: those that wait, and those
// that are on their way. One second is what spans wait for others to be sent
// with them.
const (
	queueSize  = 2048
	batchSize  = 512
	batchDelay = time.Second
)

// A batch that a collector may take later is sent again after a pause that
// doubles, and is given up when it has been refused six times.
const (
	firstPause = time.Second
	tries      = 6
)

// finished is an exchange, and what makes spans of it.
type finished struct {
	*tollgate.Exchange
	projector projector
}

// exporter sends spans to one collector. Its goroutine alone reads the queue,
// makes the spans and talks to the collector.
type exporter struct {
	collector collector
	counts    *traceCounts
	complaint complaint

	firstPause time.Duration

	mu     sync.RWMutex // held for reading by those who put into the queue
	closed bool
	queue  chan finished

	stopping chan struct{}   // closed: send what waits, once
	running  context.Context // ended: give up what waits
	giveUp   context.CancelFunc
	done     chan struct{}
}

func newExporter(c *OTLP, options TracerOptions, counts *traceCounts) *exporter {
	e := &exporter{
		collector: newCollector(c, options.Version),
		counts:    counts,
		complaint: complaint{now: options.Now, log: options.Log.With(slog.String("collector", c.Endpoint))},
		queue:     make(chan finished, queueSize),
		stopping:  make(chan struct{}),
		done:      make(chan struct{}),
	}
	e.running, e.giveUp = context.WithCancel(context.Background())
	return e
}

// take puts an exchange into the queue if there is room.
func (e *exporter) take(x finished) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	if !e.closed {
		select {
		case e.queue <- x:
			return
		default:
		}
	}
	e.counts.dropped.Add(1)
}

// stop sends what waits until ctx ends. It returns when the goroutine has ended.
func (e *exporter) stop(ctx context.Context) {
	late := context.AfterFunc(ctx, e.giveUp)
	defer late()
	e.mu.Lock()
	e.closed = true
	close(e.queue)
	e.mu.Unlock()
	close(e.stopping)
	<-e.done
	e.giveUp()
}

func (e *exporter) run() {
	defer close(e.done)
	defer e.collector.close()
	batch := make([]finished, 0, batchSize)
	for more := true; more; {
		batch, more = e.gather(batch[:0])
		if len(batch) > 0 {
			e.send(batch)
		}
		clear(batch) // so that what was sent can be forgotten
	}
}

// gather waits for a first exchange, and then for a full batch or a second to
// be over. more is false when the queue has been closed and is empty.
func (e *exporter) gather(batch []finished) (_ []finished, more bool) {
	first, more := <-e.queue
	if !more {
		return batch, false
	}
	batch = append(batch, first)
	over := time.NewTimer(batchDelay)
	defer over.Stop()
	for len(batch) < batchSize {
		select {
		case x, more := <-e.queue:
			if !more {
				return batch, false
			}
			batch = append(batch, x)
		case <-over.C:
			return batch, true
		}
	}
	return batch, true
}

// send tries until the batch is taken, refused for good, or given up.
func (e *exporter) send(batch []finished) {
	body := e.collector.encode(batch)
	for try, pause := 1, e.firstPause; ; try, pause = try+1, pause*2 {
		rejected, err := e.collector.post(e.running, body)
		switch {
		case err == nil:
			e.counts.sent.Add(int64(len(batch)))
			e.counts.rejected.Add(rejected)
			e.complaint.hear(nil, e.counts.lost())
			return
		case !mayTakeLater(err) || try == tries || !e.rest(max(pause, retryAfter(err))):
			e.counts.failed.Add(int64(len(batch)))
			e.complaint.hear(err, e.counts.lost())
			return
		}
		e.complaint.hear(err, e.counts.lost())
	}
}

// rest returns false, at once, when there is no time for a rest any more.
func (e *exporter) rest(pause time.Duration) bool {
	over := time.NewTimer(pause)
	defer over.Stop()
	select {
	case <-over.C:
		return true
	case <-e.stopping:
		return false
	}
}
