package upstream

import (
	"context"
	"io"
	"net"
)

// plainConn is a connection over TCP. Where no TLS lies on top of it, a body
// that is in memory leaves it straight out of its buffer and in one piece:
// net/http would copy it through another one, 32 KB at a time.
type plainConn struct{ *net.TCPConn }

// inMemory is a body that can write what is left of it.
type inMemory interface {
	io.WriterTo
	Len() int // what is left, in bytes
}

// ReadFrom is what net/http calls with the part of a body that does not fit
// behind the headers, bounded by the length that the request announces.
func (c plainConn) ReadFrom(r io.Reader) (int64, error) {
	bounded, ok := r.(*io.LimitedReader)
	if !ok {
		return c.TCPConn.ReadFrom(r)
	}
	body, ok := bounded.R.(inMemory)
	if !ok || int64(body.Len()) > bounded.N {
		return c.TCPConn.ReadFrom(r)
	}
	n, err := body.WriteTo(c.TCPConn)
	bounded.N -= n
	return n, err
}

// dialPlain wraps what the dialer makes.
func dialPlain(dialer *net.Dialer) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dialer.DialContext(ctx, network, address)
		if tcp, ok := conn.(*net.TCPConn); ok {
			return plainConn{tcp}, err
		}
		return conn, err
	}
}
