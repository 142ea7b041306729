package app

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"tollgate"
	"tollgate/internal/handover"
)

// succession is this process's part in handing over to the next
// (docs/design/handover.md).
type succession struct {
	server *handover.Server
	door   *handover.Listener // where the next process asks; nil until it is open
	loop   sync.WaitGroup     // its accept loop

	turn   chan struct{} // holds one value during a hand-over, and once there can be none any more
	passed chan struct{} // closed when a successor serves
	last   atomic.Bool   // as passed: every answer is the last on its connection

	ending context.Context // ends when the stop has come to its end
	end    context.CancelFunc

	mu        sync.Mutex
	stopping  bool
	rereading func() // ends the reading of keys that another process may change; nil: none
}

func (s *succession) begin(holder handover.Holder) {
	s.server = handover.NewServer(holder)
	s.turn, s.passed = make(chan struct{}, 1), make(chan struct{})
	s.ending, s.end = context.WithCancel(context.Background())
}

// open answers processes that ask to take over.
func (s *succession) open() {
	if s.door != nil {
		s.loop.Go(func() { s.server.Serve(s.door) })
	}
}

// await returns when no hand-over is under way, and lets none begin any more;
// or when ctx ends.
func (s *succession) await(ctx context.Context) {
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
	}
}

// close breaks off what is under way. Who has asked finds the folder free in a
// moment.
func (s *succession) close() {
	s.end()
	if s.door != nil {
		_ = s.door.Close() // nothing was written to it
	}
	s.server.Close()
	s.loop.Wait()
}

// doubt says that another process may change the keys now.
func (s *succession) doubt(reread func() (end func())) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rereading = reread()
}

// trust says that none does any more.
func (s *succession) trust() {
	s.mu.Lock()
	end := s.rereading
	s.rereading = nil
	s.mu.Unlock()
	if end != nil {
		end()
	}
}

// Passed is closed when another process has taken over. What is left to do
// then is to Stop, which lets everything on open connections finish.
func (a *App) Passed() <-chan struct{} { return a.succession.passed }

func (a *App) hasPassed() bool { return a.succession.last.Load() }

// announce turns /readyz and lets new work in or not. A process that has
// handed over is ready: who asks it means the gateway, and takes a new
// connection next time.
func (a *App) announce(change func(*succession)) {
	a.succession.mu.Lock()
	defer a.succession.mu.Unlock()
	change(&a.succession)
	a.proxy.SetReady(!a.succession.stopping || a.hasPassed())
}

func (a *App) isStopping() bool {
	a.succession.mu.Lock()
	defer a.succession.mu.Unlock()
	return a.succession.stopping
}

// sendOn makes every answer after a hand-over the last on its connection, so
// that the client's next request finds the successor. Closing a connection
// without an answer could meet a request on its way.
func (a *App) sendOn(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if a.hasPassed() {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}

// predecessor is this process as its successor sees it.
type predecessor struct{ *App }

var errServes = errors.New("it serves, and nobody has asked it to stop")

// Consent implements handover.Holder: to a process that was started to take
// over, and to any while this one stops.
func (p predecessor) Consent(pid int, takeover bool) error {
	if !takeover && !p.isStopping() {
		return errServes
	}
	select {
	case p.succession.turn <- struct{}{}:
	case <-p.succession.ending.Done():
		return handover.ErrGone
	}
	if p.hasPassed() {
		<-p.succession.turn
		return handover.ErrGone // and another one is there
	}
	p.log.Info("another process gets ready to take over", "pid", pid)
	return nil
}

// Yield implements handover.Holder. The data plane goes on; when this process
// refuses new work anyway, it waits for the successor instead.
func (p predecessor) Yield() ([]*handover.Listener, error) {
	all := append(slices.Clone(p.servers.listeners), p.succession.door)
	for _, each := range all {
		if each.Name != dataPlane || p.isStopping() {
			each.Pause()
		}
	}
	p.changes.close()
	if err := p.storeRevocations(); err != nil && !p.isStopping() {
		return nil, err // the successor would open keys that are closed here
	}
	p.succession.doubt(p.reread)
	return all, p.folder.release()
}

// storeRevocations stores those that were kept in memory only: the successor
// knows what is stored.
func (a *App) storeRevocations() error {
	ctx, cancel := context.WithTimeout(a.succession.ending, a.storeBound)
	defer cancel()
	return a.service.StoreRevocations(ctx)
}

// Resume implements handover.Holder.
func (p predecessor) Resume(cause error) {
	defer func() { <-p.succession.turn }()
	p.log.Warn("the process that was to take over has not; this one goes on", "cause", cause)
	if err := p.folder.wait(p.succession.ending); err != nil {
		if p.succession.ending.Err() == nil {
			p.log.Error("administrators cannot be served any more; start tollgate again", "cause", err)
		}
		return
	}
	p.succession.trust()
	p.changes.open()
	for _, each := range append(slices.Clone(p.servers.listeners), p.succession.door) {
		each.Resume()
	}
}

// Retire implements handover.Holder.
func (p predecessor) Retire() {
	defer func() { <-p.succession.turn }()
	p.announce(func(s *succession) { s.last.Store(true) })
	p.servers.takeNoMore()
	_ = p.succession.door.Close() // nothing was written to it
	p.log.Info("another process serves now; this one serves the connections it has to their end")
	close(p.succession.passed)
}

// rereadEvery is how late a process that does not hold the folder learns of a
// key that was revoked or made.
const rereadEvery = time.Second

// reread reads the keys again and again, since another process may change
// them, until it is ended.
func (a *App) reread() (end func()) {
	ctx, cancel := context.WithCancel(context.Background())
	a.hearsay.expect(make(chan struct{}))
	var loop sync.WaitGroup
	loop.Go(func() {
		tick := time.NewTicker(rereadEvery)
		defer tick.Stop()
		defer func() { close(a.hearsay.expect(nil)) }()
		for {
			select {
			case <-tick.C:
				awaited := a.hearsay.expect(make(chan struct{}))
				if err := a.loadKeys(ctx); err != nil && ctx.Err() == nil {
					a.log.Warn("the keys cannot be read again; those that were read before are in force", "cause", err)
				}
				close(awaited)
			case <-ctx.Done():
				return
			}
		}
	})
	return func() { cancel(); loop.Wait() }
}

// loadKeys takes the keys in the database into memory.
func (a *App) loadKeys(ctx context.Context) error {
	keys, err := a.store.Keys(ctx, tollgate.KeyFilter{})
	if err == nil {
		a.keys.Load(keys)
	}
	return err
}
