package bound

import (
	"cmp"
	"container/list"
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"sync"
)

// Connections bounds those of one server. One over the bound is accepted all
// the same, and marked: it is there to be told so, and for whoever asks how the
// process does. There are Spare of them at most; the next one takes the place
// of the oldest, so that a flood exhausts no descriptors and still locks nobody
// out. Those within the bound are never touched.
//
// It looks on through the hooks of net/http, which calls them once for every
// connection, whatever it speaks and however it ends.
type Connections struct {
	Count

	spare int // 0: Spare

	mu   sync.Mutex
	over map[net.Conn]*list.Element // from their accepting to their end
	open list.List                  // of net.Conn: those over the bound that have not been closed, oldest first
}

// Spare is how many connections over the bound may be open at once.
const Spare = 256

// Watch makes c bound the connections of a server that has not begun to serve.
func (c *Connections) Watch(server *http.Server) {
	server.ConnContext, server.ConnState = c.begin, c.change
}

// Open is how many connections over the bound are open.
func (c *Connections) Open() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.open.Len()
}

type overKey struct{}

// Over says whether the connection of a request is one too many.
func Over(ctx context.Context) bool { return ctx.Value(overKey{}) != nil }

func (c *Connections) begin(ctx context.Context, connection net.Conn) context.Context {
	if c.Take(1) {
		return ctx
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open.Len() >= cmp.Or(c.spare, Spare) {
		drop(c.open.Remove(c.open.Front()).(net.Conn))
	}
	if c.over == nil {
		c.over = map[net.Conn]*list.Element{}
	}
	c.over[connection] = c.open.PushBack(connection)
	return context.WithValue(ctx, overKey{}, true)
}

func (c *Connections) change(connection net.Conn, state http.ConnState) {
	if state != http.StateClosed && state != http.StateHijacked {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	at, over := c.over[connection]
	if !over {
		c.Give(1)
		return
	}
	c.open.Remove(at) // does nothing where begin has done it
	delete(c.over, connection)
}

// drop closes a connection without the farewell of TLS, which may wait.
func drop(connection net.Conn) {
	if secure, ok := connection.(*tls.Conn); ok {
		connection = secure.NetConn()
	}
	_ = connection.Close() // its server finds out and ends it
}
