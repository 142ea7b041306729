package sink

import (
	"sync"
	"time"

	"tollgate"
)

// progress is how far one sink has come, for whoever asks.
type progress struct {
	mu  sync.Mutex
	now tollgate.AuditSink
}

func newProgress(c Config) *progress {
	return &progress{now: tollgate.AuditSink{Name: c.Name, Kind: c.Kind}}
}

func (p *progress) state() tollgate.AuditSink {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now
}

// wait notes what waits.
func (p *progress) wait(chains []tollgate.AuditBacklog) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now.Waiting = 0
	for _, each := range chains {
		p.now.Waiting += each.Length - each.Through
	}
	if p.now.Waiting == 0 {
		p.now.Oldest = time.Time{}
	}
}

// see notes what comes next.
func (p *progress) see(batch Batch) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(batch.Lines) > 0 {
		p.now.Oldest = timeOf(batch.Lines[0])
	}
}

// deliver notes that a batch was taken, after which so many records wait no more.
func (p *progress) deliver(batch Batch, records int64, at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.now.Waiting -= records; p.now.Waiting <= 0 {
		p.now.Waiting, p.now.Oldest = 0, time.Time{}
	}
	p.now.Delivered = at
	p.now.Records += int64(len(batch.Lines))
	if batch.Chain == "" {
		p.now.Checkpoint = batch.Last
	} else {
		p.now.Chain, p.now.Number = batch.Chain, batch.Last
	}
}

func (p *progress) fail(err error, at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now.Failures++
	p.now.Error = oneLine(err.Error())
	if p.now.FailingSince.IsZero() {
		p.now.FailingSince = at
	}
}

func (p *progress) succeed() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now.FailingSince, p.now.Error = time.Time{}, ""
}
