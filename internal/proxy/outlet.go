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
	bound      time.Duration // how long the client may accept nothing
	bounded    time.Time     // when the bound was last renewed
	eager      bool          // flush every piece
	// shared says that the connection carries other answers too (HTTP/2): a
	// deadline then ends the answer even while nothing is being written, so it
	// must not outlive the write.
	shared bool
}

// A client that accepts nothing for stalledBound is given up; the bound is
// renewed at most stalledSteps times in that time.
const (
	stalledBound = 5 * time.Minute
	stalledSteps = 5
)

func (p *Proxy) newOutlet(w http.ResponseWriter, r *http.Request) *outlet {
	return &outlet{
		ResponseWriter: w,
		connection:     http.NewResponseController(w),
		bound:          cmp.Or(p.stalledBound, stalledBound),
		shared:         r.ProtoMajor >= 2,
	}
}

func (o *outlet) write(piece []byte) error {
	if now := time.Now(); o.shared || now.Sub(o.bounded) > o.bound/stalledSteps {
		o.renew(now)
	}
	_, err := o.Write(piece)
	if err == nil && o.eager {
		err = o.connection.Flush()
	}
	if o.shared {
		_ = o.connection.SetWriteDeadline(time.Time{}) // it could be set, so it can be taken away
	}
	return err
}

func (o *outlet) renew(now time.Time) {
	o.bounded = now
	// A connection that cannot have a deadline, as in some tests, does without.
	_ = o.connection.SetWriteDeadline(now.Add(o.bound + o.bound/stalledSteps))
}

// close renews the bound for the last bytes, which net/http writes itself. It
// takes the bound away too, before the next request on the connection.
func (o *outlet) close() { o.renew(time.Now()) }
