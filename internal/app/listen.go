package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"tollgate/internal/admin"
	"tollgate/internal/config"
	"tollgate/internal/handover"
)

// headerBound is how long a client may take to send a request's headers, if
// limits.read_request is not less.
const headerBound = 20 * time.Second

// streamBound is how many requests one HTTP/2 connection carries at once. A
// balancer in front may send those of many people over one.
const streamBound = 250

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

// What listeners are for. Those on an address are named for the member of the
// configuration that says it, the others for their files.
const (
	dataPlane      = "listen.address"
	adminAddress   = "admin.address"
	adminSocket    = admin.SocketFile
	handoverSocket = "handover.sock"
)

// listen opens every listener, or takes it from whoever opened it before: the
// supervisor, or the process that hands over. It serves none of them.
func (a *App) listen(c *config.Config, from sockets) (err error) {
	defer func() { from.close() }() // those that were not taken
	s := &a.servers
	if err = s.keep(listenOn(&from, dataPlane, c.Listen.Address)); err != nil {
		return err
	}
	if c.Admin.Address != "" {
		if err = s.keep(listenOn(&from, adminAddress, c.Admin.Address)); err != nil {
			return err
		}
	}
	if err = s.keep(a.folder.listen(&from, adminSocket)); err != nil {
		return err
	}
	if handover.Supported {
		if a.succession.door, err = a.folder.listen(&from, handoverSocket); err != nil {
			return err
		}
	}
	return from.unknown()
}

// serve answers on every listener.
func (a *App) serve(c *config.Config, version string) {
	for _, each := range a.servers.listeners {
		switch each.Name {
		case dataPlane:
			a.Address, a.URL = each.Addr().String(), urlOf(each.Addr(), a.security)
			server := a.newServer(c, a.servers.counted(a.proxy))
			a.proxy.Watch(server)
			a.servers.serve(server, each, a.security)
		case adminAddress:
			a.AdminURL = urlOf(each.Addr(), a.security)
			a.servers.serve(boundConnections(a.newAdminServer(c, admin.Network(c.Admin.Keys), version)), each, a.security)
		case adminSocket:
			a.Socket = a.folder.file(adminSocket)
			a.servers.serve(a.newAdminServer(c, admin.Socket(), version), each, nil)
		}
	}
	a.succession.open()
}

// newServer bounds what a client can hold open: headers in size and time,
// a connection at rest in time. An answer may stream for ever.
func (a *App) newServer(c *config.Config, handler http.Handler) *http.Server {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	protocols.SetUnencryptedHTTP2(true)
	return &http.Server{
		Handler:           a.sendOn(handler),
		Protocols:         protocols,
		ReadHeaderTimeout: min(headerBound, c.Limits.ReadRequest),
		IdleTimeout:       c.Limits.Idle,
		MaxHeaderBytes:    int(c.Limits.MaxHeaderBytes),
		ErrorLog:          slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),

		HTTP2: &http.HTTP2Config{MaxConcurrentStreams: streamBound},

		DisableGeneralOptionsHandler: true, // "OPTIONS *" is one more thing that is not here
	}
}

// newAdminServer bounds bodies too; the data plane does that itself.
func (a *App) newAdminServer(c *config.Config, authenticate admin.Authenticator, version string) *http.Server {
	handler := a.withMetrics(c, authenticate, admin.Handler(a.service, authenticate, version, a.log))
	return a.newServer(c, boundBody(a.changes.guard(handler), c.Limits.ReadRequest))
}

// urlOf is an address that a client on this machine can use.
func urlOf(addr net.Addr, security *tls.Config) string {
	scheme := "http"
	if security != nil {
		scheme = "https"
	}
	host, port, _ := net.SplitHostPort(addr.String())
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}

// listenOn listens on a configured address.
func listenOn(from *sockets, member, address string) (*handover.Listener, error) {
	if listener := from.take(member, address); listener != nil {
		return listener, nil
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("%s %s cannot be listened on (%w); is another program there? choose another address", member, address, err)
	}
	return handover.NewListener(handover.Label{Name: member, Address: address}, listener)
}

// listen listens on a socket in the folder, for this user alone. Whatever is
// left of an earlier process is swept away: the lock says that it is dead.
func (f *folder) listen(from *sockets, name string) (*handover.Listener, error) {
	path := f.file(name)
	if listener := from.take(name, name); listener != nil {
		if isSocket(path) {
			return listener, nil
		}
		_ = listener.Close() // nobody can reach it
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the socket %s cannot be replaced: %w", path, err)
	}
	listener, err := (&net.ListenConfig{Control: private}).Listen(context.Background(), "unix", path)
	if err != nil {
		return nil, fmt.Errorf("the socket %s cannot be opened (%w); the path of a socket may have about 100 characters: choose a shorter data_dir", path, err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("the socket %s cannot be closed to others: %w", path, err), listener.Close())
	}
	return handover.NewListener(handover.Label{Name: name, Address: name}, listener)
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
