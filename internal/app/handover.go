package app

import (
	"context"
	"errors"
	"fmt"
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

	mu       sync.Mutex
	stopping bool
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

// Yield implements handover.Holder. The data plane goes on to accept clients;
// when this process refuses new work anyway, they wait for the successor
// instead. From here on no request is admitted by this process, unless it takes
// everything back: those that were are in the journal, where the successor finds
// them, and the others wait.
func (p predecessor) Yield() ([]*handover.Listener, error) {
	all := append(slices.Clone(p.servers.listeners), p.succession.door)
	for _, each := range all {
		if each.Name != dataPlane || p.isStopping() {
			each.Pause()
		}
	}
	p.changes.close()
	p.teller.rest()
	p.sinks.rest()
	p.retirer.rest()
	p.pruner.rest()
	if err := p.storeRevocations(); err != nil && !p.isStopping() {
		return nil, err // the successor would open keys that are closed here
	}
	if err := p.shut(); err != nil {
		return nil, err // it would not know of all that is spent
	}
	return all, p.folder.release()
}

// shutBound is how long the journal may take for the requests that have just
// been admitted. It gives them up sooner itself, unless the disk hangs.
const shutBound = 10 * time.Second

var errShut = fmt.Errorf("requests that were admitted are not in the journal after %s; does its disk answer?", shutBound)

func (a *App) shut() error {
	ctx, cancel := context.WithTimeoutCause(a.succession.ending, shutBound, errShut)
	defer cancel()
	return a.proxy.Shut(ctx)
}

// storeRevocations stores those that were kept in memory only: the successor
// knows what is stored.
func (a *App) storeRevocations() error {
	ctx, cancel := context.WithTimeout(a.succession.ending, a.storeBound)
	defer cancel()
	return a.service.StoreRevocations(ctx)
}

// Resume implements handover.Holder. What the successor may have changed in the
// database, as it had the folder, is in force before anybody is let in.
func (p predecessor) Resume(cause error) {
	defer func() { <-p.succession.turn }()
	p.log.Warn("the process that was to take over has not; this one goes on", "cause", cause)
	err := p.folder.wait(p.succession.ending)
	if p.succession.ending.Err() != nil {
		return
	}
	p.recall()
	p.proxy.Open()
	if err != nil {
		p.log.Error("administrators cannot be served any more; start tollgate again", "cause", err)
		return
	}
	p.changes.open()
	p.teller.begin()
	p.sinks.begin()
	p.retirer.begin()
	p.pruner.begin()
	for _, each := range append(slices.Clone(p.servers.listeners), p.succession.door) {
		each.Resume()
	}
}

// recall takes into memory what stands in the register.
func (a *App) recall() {
	ctx, cancel := context.WithTimeout(a.succession.ending, a.storeBound)
	defer cancel()
	if err := errors.Join(a.loadKeys(ctx), a.rules.load(ctx)); err != nil && a.succession.ending.Err() == nil {
		a.log.Error("keys, budgets and limits cannot be read again; those that were read before are in force", "cause", err)
	}
}

// Retire implements handover.Holder. Whoever still comes here, and whoever has
// waited, is served by the successor.
func (p predecessor) Retire() {
	defer func() { <-p.succession.turn }()
	p.announce(func(s *succession) { s.last.Store(true) })
	p.servers.takeNoMore()        // nothing that is passed on can come back here
	_ = p.succession.door.Close() // nothing was written to it
	p.proxy.PassOn(heir(p.folder.file(heirSocket)))
	p.log.Info("another process serves now; this one serves the connections it has to their end")
	close(p.succession.passed)
}

// loadKeys takes the keys in the database into memory.
func (a *App) loadKeys(ctx context.Context) error {
	keys, err := a.store.Keys(ctx, tollgate.KeyFilter{})
	if err == nil {
		a.keys.Load(keys)
	}
	return err
}
