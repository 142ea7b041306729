package proxy

import (
	"cmp"
	"net/http"
	"time"
)

// outlet writes an answer to the client, piece by piece. How long the answer
// takes is not bounded; how long the client may take to accept nothing at all
// is, since it holds the provider's connection all the while.
type outlet struct {
	http.ResponseWriter
	connection *http.ResponseController
	flusher    http.Flusher  // nil when there is nothing to flush
	bound      time.Duration // how long the client may accept nothing
	bounded    time.Time     // when the bound was last renewed
}

// A client that accepts nothing for stalledBound is given up; the bound is
// renewed at most stalledSteps times in that time.
const (
	stalledBound = 5 * time.Minute
	stalledSteps = 5
)

func (p *Proxy) newOutlet(w http.ResponseWriter, stream bool) *outlet {
	o := &outlet{ResponseWriter: w, connection: http.NewResponseController(w), bound: cmp.Or(p.stalledBound, stalledBound)}
	if stream {
		o.flusher, _ = w.(http.Flusher)
	}
	return o
}

func (o *outlet) write(piece []byte) error {
	if now := time.Now(); now.Sub(o.bounded) > o.bound/stalledSteps {
		o.renew(now)
	}
	if _, err := o.Write(piece); err != nil {
		return err
	}
	if o.flusher != nil {
		o.flusher.Flush()
	}
	return nil
}

func (o *outlet) renew(now time.Time) {
	o.bounded = now
	// A connection that cannot have a deadline, as in some tests, does without.
	_ = o.connection.SetWriteDeadline(now.Add(o.bound + o.bound/stalledSteps))
}

// close renews the bound for the last bytes, which net/http writes itself. It
// takes the bound away too, before the next request on the connection.
func (o *outlet) close() { o.renew(time.Now()) }
