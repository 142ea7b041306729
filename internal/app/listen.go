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

// What listeners are for. Those on an address are named for the member of the
// configuration that says it, the others for their files.
const (
	dataPlane      = "listen.address"
	adminAddress   = "admin.address"
	adminSocket    = admin.SocketFile
	handoverSocket = "handover.sock"
	heirSocket     = "heir.sock"
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
		if err = s.keep(a.folder.listen(&from, heirSocket)); err != nil {
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
		case heirSocket:
			a.servers.serve(a.newHeirServer(c), each, nil)
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
