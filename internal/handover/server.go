package handover

import (
	"errors"
	"net"
	"os"
	"sync"
	"time"
)

// helloBound is how long a process that has connected may take to say what it
// wants.
const helloBound = 10 * time.Second

// Server answers processes that want to take over.
type Server struct {
	holder Holder
	busy   sync.Mutex // held during a hand-over

	mu     sync.Mutex
	closed bool
	open   map[line]bool
	talks  sync.WaitGroup
}

// NewServer answers for a holder.
func NewServer(holder Holder) *Server {
	return &Server{holder: holder, open: map[line]bool{}}
}

// acceptPause is how long to wait when the system has no connection to give,
// as when this process has too many open.
const acceptPause = time.Second

// Serve answers on a listener until it is closed.
func (s *Server) Serve(listener net.Listener) {
	for {
		connection, err := listener.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil:
			<-time.After(acceptPause)
			continue
		}
		unix, ok := connection.(*net.UnixConn)
		if !ok || !s.enter(line{unix}) {
			_ = connection.Close()
			continue
		}
		go func() {
			defer s.leave(line{unix})
			s.talk(line{unix})
		}()
	}
}

// Close breaks off whatever is under way and returns once the holder has been
// told.
func (s *Server) Close() {
	s.mu.Lock()
	s.closed = true
	for each := range s.open {
		_ = each.Close()
	}
	s.mu.Unlock()
	s.talks.Wait()
}

func (s *Server) enter(l line) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.open[l] = true
		s.talks.Add(1)
	}
	return !s.closed
}

func (s *Server) leave(l line) {
	s.mu.Lock()
	delete(s.open, l)
	s.mu.Unlock()
	_ = l.Close() // the other one may have closed it
	s.talks.Done()
}

// talk answers one process. An error is told to it as far as it listens.
func (s *Server) talk(l line) {
	asking, err := s.greet(l)
	if err != nil {
		_ = l.send(message{Say: refused, Reason: err.Error()})
		return
	}
	s.busy.Lock() // a hand-over under way may fail; then it is this one's turn
	defer s.busy.Unlock()
	switch err := s.holder.Consent(asking.PID, asking.Takeover); {
	case errors.Is(err, ErrGone):
		return // the end of the connection says it
	case err != nil:
		_ = l.send(message{Say: refused, Reason: err.Error()})
		return
	}
	if err := s.handOver(l); err != nil {
		s.holder.Resume(err)
		_ = l.send(message{Say: refused, Reason: err.Error()})
		return
	}
	s.holder.Retire()
}

// greet hears what a process wants.
func (s *Server) greet(l line) (message, error) {
	if err := CheckPeer(l.UnixConn); err != nil {
		return message{}, err
	}
	_ = l.SetReadDeadline(time.Now().Add(helloBound)) // fails when it is closed, and so does what follows
	asking, listeners, err := l.expect(hello)
	closeAll(listeners)
	_ = l.SetReadDeadline(time.Time{})
	if err == nil && asking.Version != version {
		err = errors.New("the two programs speak different versions of the protocol; stop this one before the other is started")
	}
	return asking, err
}

func (s *Server) handOver(l line) error {
	if err := l.send(message{Say: goAhead, PID: os.Getpid()}); err != nil {
		return err
	}
	if err := l.hear(ready); err != nil {
		return err
	}
	sockets, err := s.holder.Yield()
	if err != nil {
		return err
	}
	if err := l.send(message{Say: yours}, sockets...); err != nil {
		return err
	}
	return l.hear(serving)
}

// hear expects a word that no sockets come with.
func (l line) hear(want word) error {
	_, listeners, err := l.expect(want)
	closeAll(listeners)
	return err
}
