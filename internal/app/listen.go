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
	"time"

	"tollgate/internal/admin"
	"tollgate/internal/config"
)

// headerBound is how long a client may take to send a request's headers, if
// limits.read_request is not less.
const headerBound = 20 * time.Second

// streamBound is how many requests one HTTP/2 connection carries at once. A
// balancer in front may send those of many people over one.
const streamBound = 250

// servers are the listeners and who answers on them.
type servers struct {
	listeners []net.Listener
	all       []*http.Server
	loops     sync.WaitGroup // accept loops

	cut context.CancelFunc // ends what begin returned

	mu      sync.Mutex
	closed  bool           // no handler begins any more
	active  int            // handlers of the data plane
	serving sync.WaitGroup // the same
}

// begin returns the context that ends when answers under way are cut.
func (s *servers) begin() context.Context {
	running, cut := context.WithCancel(context.Background())
	s.cut = cut
	return running
}

// listen opens the data plane, the admin socket and, if configured, the admin
// API's own address: all of them, before any is served.
func (a *App) listen(c *config.Config, version string) error {
	security, err := newTLS(c.Listen.TLS, time.Now, a.log)
	if err != nil {
		return err
	}
	public, err := a.servers.open("listen.address", "tcp", c.Listen.Address)
	if err != nil {
		return err
	}
	a.Address, a.URL = public.Addr().String(), urlOf(public.Addr(), security)
	a.Socket = a.folder.file(admin.SocketFile)
	socket, err := a.servers.openUnix(a.Socket)
	if err != nil {
		return err
	}
	if c.Admin.Address != "" {
		network, err := a.servers.open("admin.address", "tcp", c.Admin.Address)
		if err != nil {
			return err
		}
		a.AdminURL = urlOf(network.Addr(), security)
		a.servers.serve(a.newAdminServer(c, admin.Network(c.Admin.Keys), version), network, security)
	}
	a.servers.serve(a.newAdminServer(c, admin.Socket(), version), socket, nil)
	server := a.newServer(c, a.servers.counted(a.proxy))
	a.proxy.Watch(server)
	a.servers.serve(server, public, security)
	return nil
}

// newServer bounds what a client can hold open: headers in size and time,
// a connection at rest in time. An answer may stream for ever.
func (a *App) newServer(c *config.Config, handler http.Handler) *http.Server {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	protocols.SetUnencryptedHTTP2(true)
	return &http.Server{
		Handler:           handler,
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
	handler := admin.Handler(a.service, authenticate, version, a.log)
	return a.newServer(c, boundBody(handler, c.Limits.ReadRequest))
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

// open listens on a configured address.
func (s *servers) open(member, network, address string) (net.Listener, error) {
	listener, err := net.Listen(network, address)
	if err != nil {
		return nil, fmt.Errorf("%s %s cannot be listened on (%w); is another program there? choose another address", member, address, err)
	}
	s.listeners = append(s.listeners, listener)
	return listener, nil
}

// openUnix opens the admin socket for this user alone. Whatever is left of
// an earlier process is swept away: the folder's lock says that it is dead.
func (s *servers) openUnix(path string) (net.Listener, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the admin socket %s cannot be replaced: %w", path, err)
	}
	listener, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("the admin socket %s cannot be opened (%w); the path of a socket may have about 100 characters: choose a shorter data_dir", path, err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("the admin socket %s cannot be closed to others: %w", path, err), listener.Close())
	}
	s.listeners = append(s.listeners, listener)
	return listener, nil
}

// serve answers on a listener until stop.
func (s *servers) serve(server *http.Server, listener net.Listener, security *tls.Config) {
	s.all = append(s.all, server)
	s.loops.Go(func() {
		if security == nil {
			_ = server.Serve(listener) // ends with ErrServerClosed
			return
		}
		server.TLSConfig = security.Clone()   // the server writes into it
		_ = server.ServeTLS(listener, "", "") // likewise
	})
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

// glance is how often quiet looks.
const glance = 20 * time.Millisecond

// quiet returns when nothing is under way on the data plane, or ctx ends. The
// listeners stay open meanwhile.
func (s *servers) quiet(ctx context.Context) {
	tick := time.NewTicker(glance)
	defer tick.Stop()
	for s.busy() {
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

// stop lets answers under way finish until ctx ends, then cuts them, and
// returns when every handler has recorded its exchange.
func (s *servers) stop(ctx context.Context) {
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
	for _, listener := range s.listeners {
		_ = listener.Close() // those that a server has closed already, and those that none was given
	}
	s.loops.Wait()
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	context.AfterFunc(ctx, s.cut) // answers that are read on for a client that has gone
	s.serving.Wait()
	s.cut()
}
