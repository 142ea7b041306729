package proxy

import (
	"io"
	"net/http"
	"time"
)

// part prepares a refusal. One that is spoken before its request was received
// whole goes out at once, and the connection ends with it: a client that listens
// while it sends stops sending. The returned function reads what one that sends
// everything before it listens has yet to send, so that it finds the answer and
// not a reset connection; it keeps nothing of it.
//
// In HTTP/2 there is nothing to do: the stream is reset without an error once it
// is answered, which is a request to stop sending (RFC 9113, 8.1).
func (p *Proxy) part(w http.ResponseWriter, r *http.Request, received bool) (linger func()) {
	connection := http.NewResponseController(w)
	// A connection that cannot have a deadline, as in some tests, does without.
	_ = connection.SetWriteDeadline(time.Now().Add(p.snapshot.Load().Limits.ReadRequest))
	if received || r.ContentLength == 0 || r.ProtoMajor >= 2 {
		return func() {}
	}
	_ = connection.EnableFullDuplex() // or net/http would wait for the rest before it answers
	w.Header().Set("Connection", "close")
	return func() {
		_ = connection.Flush() // the refusal has been spoken; if it does not arrive, nobody is there
		p.linger(r)
	}
}

// linger reads up to twice what would have been accepted, for as long as a
// request may take. One that waits to be asked for its body is not asked.
func (p *Proxy) linger(r *http.Request) {
	if r.Header.Get("Expect") != "" || !p.room.lingering.Take(1) {
		return
	}
	defer p.room.lingering.Give(1)
	_, _ = io.CopyN(io.Discard, r.Body, 2*int64(p.snapshot.Load().Limits.MaxRequestBytes))
}
