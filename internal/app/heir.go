package app

import (
	"context"
	"errors"
	"net"
	"net/http"
	"syscall"

	"tollgate/internal/config"
	"tollgate/internal/handover"
)

// heir is whoever serves now: the process that answers on the socket at path.
// That socket is handed over with the others, so that the way to it is the same
// however many processes have followed each other. Every request has a
// connection of its own, which is never used again: none is sent twice.
func heir(path string) http.RoundTripper {
	return &http.Transport{
		DialContext:        func(ctx context.Context, _, _ string) (net.Conn, error) { return dialHeir(ctx, path) },
		DisableKeepAlives:  true,
		DisableCompression: true,
	}
}

// dialHeir connects to this user's own process and no other, since clients'
// credentials go there.
func dialHeir(ctx context.Context, path string) (net.Conn, error) {
	for {
		connection, err := new(net.Dialer).DialContext(ctx, "unix", path)
		switch {
		case errors.Is(err, syscall.EAGAIN): // its queue is full for a moment
			if err := pause(ctx); err != nil {
				return nil, err
			}
			continue
		case err != nil:
			return nil, err
		}
		if err := handover.CheckPeer(connection); err != nil {
			return nil, errors.Join(err, connection.Close())
		}
		return connection, nil
	}
}

// passedHeaderBytes is what a request's headers grow by when it is passed on.
const passedHeaderBytes = 1 << 10

// newHeirServer serves what a process before this one passes on, which has
// bounded it already. It serves nobody else, even where the folder was opened to
// others: where a request came from is believed here.
func (a *App) newHeirServer(c *config.Config) *http.Server {
	server := a.newServer(c, a.servers.counted(a.proxy.Inherited()))
	server.MaxHeaderBytes += passedHeaderBytes
	server.ConnContext = func(ctx context.Context, connection net.Conn) context.Context {
		if err := handover.CheckPeer(connection); err != nil {
			a.log.Warn("a stranger is on the socket for requests that are passed on", "cause", err)
			_ = connection.Close() // which ends it
		}
		return ctx
	}
	return server
}
