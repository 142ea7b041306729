package app

import (
	"context"
	"sync"
)

// shift is work that only one process at a time may do: whoever holds the data
// folder.
type shift struct {
	work func(context.Context)

	mu   sync.Mutex
	over bool   // there is no more of it
	end  func() // the work of now; nil: none
}

// begin works from now on.
func (s *shift) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over || s.end != nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	var loop sync.WaitGroup
	loop.Go(func() { s.work(ctx) })
	s.end = func() { cancel(); loop.Wait() }
}

// rest does nothing until it is told to begin. What is under way has a moment to
// end.
func (s *shift) rest() { s.quit(false) }

// stop does nothing any more.
func (s *shift) stop() { s.quit(true) }

func (s *shift) quit(forGood bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = s.over || forGood
	if s.end != nil {
		s.end()
		s.end = nil
	}
}
