package app

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"tollgate/internal/handover"
)

// servers are the listeners and who answers on them.
type servers struct {
	listeners sockets
	all       []*http.Server
	loops     sync.WaitGroup // accept loops
	ended     atomic.Bool    // the loops are meant to end
	failed    failure        // the end of an accept loop that was not meant to

	connections atomic.Int64 // open, on all servers

	cut context.CancelFunc // ends what begin returned

	mu      sync.Mutex
	closed  bool           // no handler begins any more
	active  int            // handlers of the data plane
	serving sync.WaitGroup // the same
}

// begin returns the context that ends when answers under way are cut.
func (s *servers) begin() context.Context {
	s.failed.told = make(chan struct{})
	running, cut := context.WithCancel(context.Background())
	s.cut = cut
	return running
}

func (s *servers) keep(listener *handover.Listener, err error) error {
	if err == nil {
		s.listeners = append(s.listeners, listener)
	}
	return err
}

// serve answers on a listener until it is closed.
func (s *servers) serve(server *http.Server, listener *handover.Listener, security *tls.Config) {
	s.count(server)
	s.all = append(s.all, server)
	s.loops.Go(func() {
		var err error
		if security == nil {
			err = server.Serve(listener)
		} else {
			server.TLSConfig = security.Clone() // the server writes into it
			err = server.ServeTLS(listener, "", "")
		}
		if !s.ended.Load() {
			s.failed.tell(fmt.Errorf("%s takes no more connections: %w", listener.Name, err))
		}
	})
}

// count counts the open connections of a server.
func (s *servers) count(server *http.Server) {
	next := server.ConnState
	server.ConnState = func(connection net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			s.connections.Add(1)
		case http.StateClosed, http.StateHijacked:
			s.connections.Add(-1)
		}
		if next != nil {
			next(connection, state)
		}
	}
}

// counted lets stop wait for handlers whose connection is already gone. After
// stop has begun to wait, a connection that was just about to ask is dropped:
// nobody would keep its record.
func (s *servers) counted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.enter() {
			panic(http.ErrAbortHandler)
		}
		defer s.leave()
		next.ServeHTTP(w, r)
	})
}

func (s *servers) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.active++
		s.serving.Add(1)
	}
	return !s.closed
}

func (s *servers) leave() {
	s.mu.Lock()
	s.active--
	s.mu.Unlock()
	s.serving.Done()
}

// glance is how often to look whether something has ended that does not tell.
const glance = 20 * time.Millisecond

// quiet returns when nothing is under way on the data plane, or ctx ends. The
// listeners stay open meanwhile.
func (s *servers) quiet(ctx context.Context) { waitWhile(ctx, s.busy) }

// deserted returns when no connection is open, or ctx ends.
func (s *servers) deserted(ctx context.Context) {
	waitWhile(ctx, func() bool { return s.connections.Load() > 0 })
}

func waitWhile(ctx context.Context, busy func() bool) {
	tick := time.NewTicker(glance)
	defer tick.Stop()
	for busy() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (s *servers) busy() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.active > 0
}

// takeNoMore ends the accept loops. Open connections live on.
func (s *servers) takeNoMore() {
	s.ended.Store(true)
	s.listeners.close()
}

// stop lets answers under way finish until ctx ends, then cuts them, and
// returns when every handler has recorded its exchange.
func (s *servers) stop(ctx context.Context) {
	s.ended.Store(true)
	var group sync.WaitGroup
	for _, server := range s.all {
		group.Go(func() {
			if server.Shutdown(ctx) != nil {
				s.cut()
				_ = server.Close() // connections that would not end are of no more use
			}
		})
	}
	group.Wait()
	s.takeNoMore() // where no server has done so already
	s.loops.Wait()
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	context.AfterFunc(ctx, s.cut) // answers that are read on for a client that has gone
	s.serving.Wait()
	s.cut()
}
