package proxy

import (
	"cmp"
	"net/http"
	"sync"
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

	// headers flushes the headers of a stream whose first event is a while in
	// coming; nil for any other answer. It needs the lock to write.
	headers  *time.Timer
	patience time.Duration
	mu       sync.Mutex
	begun    bool // the headers are on their way

	// silence is how long nothing may come of a stream before the client is told
	// that it goes on; 0: the provider tells it. The ping needs the lock to write,
	// and so does everybody else while there are pings.
	silence time.Duration
	pings   *time.Timer
	over    bool

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
		patience:       cmp.Or(p.headerPatience, headerPatience),
		shared:         r.ProtoMajor >= 2,
	}
}

// headerPatience is how long the headers of a stream wait for its first event,
// which nearly always comes with them: both then leave in one write.
const headerPatience = 5 * time.Millisecond

// begin is said between the headers and the first piece.
func (o *outlet) begin() {
	if o.eager {
		o.headers = time.AfterFunc(o.patience, o.flushHeaders)
	}
	if o.silence > 0 {
		o.pings = time.AfterFunc(o.silence, o.ping)
	}
}

// silenceBound is how long a stream may be silent whose provider sends no pings
// (contract.md 3.4, 2026-11-23); the client gives up after five minutes.
const silenceBound = 15 * time.Second

// pingEvent is what the Messages API sends (providers.md 1.6, 2026-11-23).
const pingEvent = "event: ping\ndata: {\"type\": \"ping\"}\n\n"

// ping writes between two events, since only whole ones are ever written here.
func (o *outlet) ping() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.over {
		return
	}
	o.begun = true
	o.pings.Reset(o.silence)
	_ = o.put([]byte(pingEvent)) // a client that is gone is found when the next event comes
}

func (o *outlet) flushHeaders() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.begun {
		o.begun = true
		_ = o.connection.Flush() // a client that is gone is found when the first event comes
	}
}

// takeHeaders makes the headers go with what is written next. When it returns,
// nobody else writes.
func (o *outlet) takeHeaders() {
	if o.headers == nil {
		return
	}
	o.headers.Stop()
	o.headers = nil
	o.mu.Lock()
	defer o.mu.Unlock()
	o.begun = true
}

func (o *outlet) write(piece []byte) error {
	o.takeHeaders()
	if o.pings != nil {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.pings.Reset(o.silence)
	}
	return o.put(piece)
}

func (o *outlet) put(piece []byte) error {
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
func (o *outlet) close() {
	if o.headers != nil { // no event came at all: what happens now happens behind the headers
		o.flushHeaders()
		o.takeHeaders()
	}
	if o.pings != nil {
		o.pings.Stop()
		o.mu.Lock()
		defer o.mu.Unlock()
		o.over = true
	}
	o.renew(time.Now())
}
