package observe

import (
	"encoding/binary"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"go.opentelemetry.io/otel/trace"

	"tollgate"
)

// sampler decides which requests are traced: the client where it has begun a
// trace, chance elsewhere, and never more in a second than the bound, so that
// no client decides what tracing costs.
type sampler struct {
	below uint64 // a new trace is recorded when the random half of its id is smaller
	limit limiter
}

func newSampler(c *OTLP, now func() time.Time) *sampler {
	share, _ := strconv.ParseFloat(string(c.Sample), 64) // valid by now
	perSecond := float64(c.MaxPerSecond)
	return &sampler{below: uint64(share * (1 << 63)), limit: limiter{now: now, perSecond: perSecond, room: perSecond, last: now()}}
}

// place puts a request into its client's trace if that is valid, into a new
// one otherwise. limited says that it is not recorded because of the bound.
func (s *sampler) place(client trace.SpanContext) (placed tollgate.Trace, limited bool) {
	if client.IsValid() {
		placed = tollgate.Trace{ID: client.TraceID(), Parent: client.SpanID(), State: client.TraceState().String()}
		if client.IsSampled() && s.limit.allow() {
			placed.Span = newSpanID()
		}
		return placed, client.IsSampled() && !placed.Recorded()
	}
	chance := rand.Uint64()
	if chance>>1 >= s.below {
		return tollgate.Trace{}, false
	}
	if !s.limit.allow() {
		return tollgate.Trace{}, true
	}
	binary.BigEndian.PutUint64(placed.ID[:], rand.Uint64())
	binary.BigEndian.PutUint64(placed.ID[8:], chance)
	placed.Span = newSpanID()
	return placed, false
}

// newSpanID makes an id that is random and not zero, which would be none.
func newSpanID() (id [8]byte) {
	for id == [8]byte{} {
		binary.BigEndian.PutUint64(id[:], rand.Uint64())
	}
	return id
}

// limiter is a bucket that fills with perSecond a second, and holds as many.
type limiter struct {
	now       func() time.Time
	perSecond float64

	mu   sync.Mutex
	room float64
	last time.Time
}

func (l *limiter) allow() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	l.room = min(l.perSecond, l.room+max(0, now.Sub(l.last).Seconds())*l.perSecond)
	l.last = now
	if l.room < 1 {
		return false
	}
	l.room--
	return true
}
