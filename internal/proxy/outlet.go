package proxy

import (
	"net/http"
	"time"
)

// outlet writes an answer to the client, piece by piece. How long the answer
// takes is not bounded; how long the client may take to accept nothing at all
// is, since it holds the provider's connection all the while.
type outlet struct {
	http.ResponseWriter
	connection *http.ResponseController
	flusher    http.Flusher // nil when there is nothing to flush
	bounded    time.Time    // when the bound was last renewed
}

// A client that accepts nothing for stalledBound is given up; the bound is
// renewed at most every stalledStep.
const (
	stalledBound = 5 * time.Minute
	stalledStep  = time.Minute
)

func newOutlet(w http.ResponseWriter, stream bool) *outlet {
	o := &outlet{ResponseWriter: w, connection: http.NewResponseController(w)}
	if stream {
		o.flusher, _ = w.(http.Flusher)
	}
	return o
}

func (o *outlet) write(piece []byte) error {
	if now := time.Now(); now.Sub(o.bounded) > stalledStep {
		o.bounded = now
		// A connection that cannot have a deadline, as in some tests, does without.
		_ = o.connection.SetWriteDeadline(now.Add(stalledBound + stalledStep))
	}
	if _, err := o.Write(piece); err != nil {
		return err
	}
	if o.flusher != nil {
		o.flusher.Flush()
	}
	return nil
}

// close takes the bound away, for the next request on the connection.
func (o *outlet) close() { _ = o.connection.SetWriteDeadline(time.Time{}) }
