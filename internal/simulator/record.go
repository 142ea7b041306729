package simulator

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Received is one request as it came, and what became of it. Nothing in it
// changes after Done is closed, except that Canceled says how it ended.
type Received struct {
	Method     string
	URL        string   // path and query, as in the request line
	Provider   Provider // for which the simulator was taken
	Header     http.Header
	Body       []byte
	RemoteAddr string
	At         time.Time

	Done     <-chan struct{} // closed when the answer has ended, however it ended
	Canceled <-chan struct{} // closed when the caller hung up before the end of its answer

	done, canceled chan struct{}
	mu             sync.Mutex
	answer         Sent
}

// Sent is the answer to one request, as far as it was written.
type Sent struct {
	Status int
	Header http.Header
	Body   []byte
}

// Sent returns what was answered. It waits until the answer has ended.
func (r *Received) Sent() Sent {
	<-r.Done
	return r.answer
}

// record remembers the last exchanges, at most keep of them.
type record struct {
	keep int

	mu     sync.Mutex
	list   []*Received
	total  int
	change chan struct{} // closed and replaced at every arrival
}

// begin remembers the request. It returns nil when nothing is remembered.
func (c *record) begin(v *visit) *Received {
	if c.keep == 0 {
		return nil
	}
	done, canceled := make(chan struct{}), make(chan struct{})
	r := &Received{
		Method: v.request.Method, Provider: v.face.name, URL: v.request.URL.RequestURI(), Header: v.request.Header.Clone(),
		Body: slices.Clone(v.body), RemoteAddr: v.request.RemoteAddr, At: v.start,
		Done: done, done: done, Canceled: canceled, canceled: canceled,
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.total++
	c.list = append(c.list, r)
	if len(c.list) > c.keep {
		c.list = slices.Delete(c.list, 0, 1)
	}
	if c.change != nil {
		close(c.change)
		c.change = nil
	}
	return r
}

// arrived returns the number of requests so far and a channel that closes at
// the next one.
func (c *record) arrived() (int, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.change == nil {
		c.change = make(chan struct{})
	}
	return c.total, c.change
}

func (r *Received) sent(p []byte) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer.Body = append(r.answer.Body, p...)
}

func (r *Received) end(v *visit, canceled bool) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer.Status, r.answer.Header = v.status, v.Header().Clone()
	if canceled {
		close(r.canceled)
	}
	close(r.done)
}

// Received returns the remembered requests in order of arrival; Config.Keep
// bounds them.
func (s *Simulator) Received() []*Received {
	s.record.mu.Lock()
	defer s.record.mu.Unlock()
	return slices.Clone(s.record.list)
}

// Await waits until n requests have arrived since the start and returns those
// that are remembered.
func (s *Simulator) Await(ctx context.Context, n int) ([]*Received, error) {
	for {
		total, next := s.record.arrived()
		if total >= n {
			return s.Received(), nil
		}
		select {
		case <-next:
		case <-ctx.Done():
			return s.Received(), ctx.Err()
		}
	}
}
