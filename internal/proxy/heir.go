package proxy

import (
	"context"
	"io"
	"maps"
	"net/http"
	"sync/atomic"
	"time"

	"tollgate"
	"tollgate/internal/payload"
)

// peerHeader says where a request comes from that is passed on. It is believed
// on the way between two processes alone.
const peerHeader = "Tollgate-Peer"

// Inherited serves what a predecessor passes on, as if it had come here. Nobody
// else may reach it.
func (p *Proxy) Inherited() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.RemoteAddr = r.Header.Get(peerHeader)
		r.Header.Del(peerHeader)
		p.ServeHTTP(w, r)
	})
}

// passedOn gives a request to the heir, if there is one, before anything is
// asked about it here: what another process decides now, such as which keys
// there are, is not known here. Until it is certain who decides, it waits.
func (p *Proxy) passedOn(w http.ResponseWriter, r *http.Request) bool {
	h := p.turnstile.halt.Load()
	if h == nil {
		return false
	}
	for ; h != nil && h.heir == nil; h = p.turnstile.halt.Load() {
		if err := h.wait(r.Context(), p.Running); err != nil {
			panic(http.ErrAbortHandler) // nobody is there any more
		}
	}
	p.boundReading(w) // the wait was not the client's
	if h == nil {
		return false
	}
	if p.forward(h.heir, w, r) != nil {
		panic(http.ErrAbortHandler)
	}
	return true
}

// bequeath gives a request to the heir that has been read already. It is the
// heir's to record. The error is errCut or nil.
func (p *Proxy) bequeath(heir http.RoundTripper, w http.ResponseWriter, r *http.Request, body *payload.Payload, x *tollgate.Exchange) error {
	*x = tollgate.Exchange{}
	passed := r.WithContext(r.Context())
	passed.Body, passed.ContentLength = body.NewReader(), int64(body.Len())
	defer passed.Body.Close()
	body.Release() // its reader has it until it is sent
	return p.forward(heir, w, passed)
}

// forward sends a request on as it came and passes the answer as it comes:
// every byte at once, and a cut as a cut. It leaves no record and is in no
// count. The error is errCut or nil.
func (p *Proxy) forward(heir http.RoundTripper, w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(p.Running, cancel)()
	body := &passing{from: r.Body, connection: http.NewResponseController(w)}
	response, err := heir.RoundTrip(outgoing(ctx, r, body))
	if err != nil {
		return p.notPassed(w, r, body, err)
	}
	defer response.Body.Close()
	out := p.newOutlet(w, r)
	passAnswer(out.Header(), response.Header)
	out.WriteHeader(response.StatusCode)
	if err := p.carry(out, response.Body); err != nil {
		return err
	}
	if !body.whole.Load() {
		p.linger(r)
	}
	return nil
}

// outgoing is the request on its way to the heir.
func outgoing(ctx context.Context, r *http.Request, body *passing) *http.Request {
	to := *r.URL
	to.Scheme, to.Host, to.User = "http", "heir", nil
	out := (&http.Request{
		Method: r.Method, URL: &to, Host: r.Host, Header: r.Header.Clone(),
		ProtoMajor: 1, ProtoMinor: 1, ContentLength: r.ContentLength, Body: body,
	}).WithContext(ctx)
	out.Header.Set(peerHeader, r.RemoteAddr)
	out.Header.Del("Expect") // the body is on its way
	if _, told := r.Header["User-Agent"]; !told {
		out.Header["User-Agent"] = nil // or net/http would name itself
	}
	if r.ContentLength == 0 {
		out.Body = nil
		body.end()
	}
	return out
}

// passAnswer takes over every header but those of the connection, which ends
// with this answer.
func passAnswer(to, from http.Header) {
	maps.Copy(to, from)
	to.Set("Connection", "close")
	if _, named := to["Content-Type"]; !named {
		to["Content-Type"] = nil // or net/http would guess one
	}
}

// carry copies the heir's answer to the client. The error is errCut or nil.
func (p *Proxy) carry(out *outlet, from io.Reader) error {
	var buffer window
	defer buffer.close()
	out.eager = true
	out.begin()
	defer out.close()
	for {
		piece, err := buffer.read(from)
		if len(piece) > 0 && out.write(piece) != nil {
			return errCut
		}
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return errCut
		}
	}
}

// notPassed ends a request that has no answer: because of its client, or because
// the heir has gone, as a process may. Then the client asks again, and finds
// whoever serves by then.
func (p *Proxy) notPassed(w http.ResponseWriter, r *http.Request, body *passing, err error) error {
	refusal := error(errStopping.Because(err))
	if failure := body.failure.Load(); failure != nil { // which ends the context too
		refusal = notReceived(*failure, r.ContentLength, p.snapshot.Load().Limits)
	} else if r.Context().Err() != nil {
		return errCut
	}
	p.refuseOther(w, r, refusal)
	return nil
}

// passing is the body of a request that is passed on. Its end is the end of the
// time that the client has to send it.
type passing struct {
	from       io.ReadCloser
	connection *http.ResponseController
	whole      atomic.Bool           // it has been read to its end
	failure    atomic.Pointer[error] // or it cannot be
}

func (b *passing) Read(into []byte) (int, error) {
	if b.whole.Load() {
		return 0, io.EOF // also when it is asked again
	}
	n, err := b.from.Read(into)
	switch {
	case err == io.EOF:
		b.end()
	case err != nil:
		b.failure.Store(&err)
	}
	return n, err
}

func (b *passing) end() {
	b.whole.Store(true)
	_ = b.connection.SetReadDeadline(time.Time{}) // a connection that cannot have a deadline, as in some tests, does without
	_ = b.from.Close()                            // it has been read to its end
}

// Close does nothing: the rest may be read on, for nobody (see part).
func (b *passing) Close() error { return nil }
