package store

import (
	"context"
	"database/sql"
	"sync"
)

// readPool answers questions. It can be shut for a moment: then they wait at the
// door.
type readPool struct {
	*sql.DB

	mu   sync.Mutex
	door chan struct{} // nil while it is open; closed when it opens again
}

// QueryContext asks when the door is open.
func (p *readPool) QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	if err := p.enter(ctx); err != nil {
		return nil, err
	}
	return p.DB.QueryContext(ctx, text, args...)
}

func (p *readPool) enter(ctx context.Context) error {
	p.mu.Lock()
	door := p.door
	p.mu.Unlock()
	if door == nil {
		return nil
	}
	select {
	case <-door:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// shut keeps new questions waiting until open. One at a time may do it.
func (p *readPool) shut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.door = make(chan struct{})
}

func (p *readPool) open() {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.door)
	p.door = nil
}
