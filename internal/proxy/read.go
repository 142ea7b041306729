package proxy

import (
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"tollgate"
	"tollgate/internal/dialect/messages"
	"tollgate/internal/jsonedit"
	"tollgate/internal/payload"
)

// read takes the body into memory, whole, and finds in it what is asked. The
// caller releases the payload. Errors are refusals.
func (p *Proxy) read(w http.ResponseWriter, r *http.Request, asked *knock, x *tollgate.Exchange, limits Limits) (tollgate.Call, *body, error) {
	if encoding := strings.Join(r.Header["Content-Encoding"], ", "); encoding != "" && encoding != "identity" {
		return tollgate.Call{}, nil, tollgate.Errorf(tollgate.Unsupported, "Content-Encoding %.40q is not read by this gateway; send the body uncompressed", encoding)
	}
	passing := requestScheme.begin()
	received, err := p.receive(w, r, limits, passing)
	taken := passing.close()
	if errors.Is(err, payload.ErrNoRoom) {
		return tollgate.Call{}, nil, p.full("max_body_bytes_in_flight", p.room.bodies.Stats())
	}
	if err != nil {
		return tollgate.Call{}, nil, notReceived(err, r.ContentLength, limits)
	}
	x.RequestDigest, x.Timing.Received = taken, p.Now().Sub(x.Time)
	body := &body{received, jsonedit.Open(received.Bytes())}
	call, err := asked.call(body.object, r)
	x.RequestBytes = int64(body.Len())
	x.Model, x.Device, x.Account = messages.Attribute(call.Model), call.Device, call.Account
	x.Stream = call.Stream && x.Operation == tollgate.Messages
	if err != nil {
		body.Release()
		return tollgate.Call{}, nil, err
	}
	return call, body, nil
}

// body is a request's. Its bytes, and with them the object, are good until it is
// released.
type body struct {
	*payload.Payload
	object *jsonedit.Object
}

// boundReading gives the client until then to send its whole request, whatever
// becomes of it: what is going to be refused must not hold a connection either.
func (p *Proxy) boundReading(w http.ResponseWriter) {
	// A connection that cannot have a deadline, as in some tests, does without.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(p.snapshot.Load().Limits.ReadRequest))
}

// receive reads the body, which then has no deadline any more. Its digest is
// taken piece by piece, while each is still warm in the cache.
func (p *Proxy) receive(w http.ResponseWriter, r *http.Request, limits Limits, digest io.Writer) (*payload.Payload, error) {
	body, err := payload.Read(io.TeeReader(r.Body, digest), r.ContentLength, int64(limits.MaxRequestBytes), &p.room.bodies)
	if err != nil {
		return nil, err
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	return body, nil
}

func notReceived(err error, announced int64, limits Limits) error {
	switch {
	case errors.Is(err, payload.ErrTooLarge):
		return tollgate.Errorf(tollgate.TooLarge, "the request is larger than the %d bytes that this gateway takes; shorten the conversation with /compact, or ask your administrator to raise limits.max_request_bytes", int64(limits.MaxRequestBytes))
	case errors.Is(err, os.ErrDeadlineExceeded):
		return tollgate.Errorf(tollgate.TooSlow, "the request did not arrive whole within %s; check the network and send it again", limits.ReadRequest).Because(err)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return tollgate.Errorf(tollgate.Invalid, "the request body ended before the %d bytes that its Content-Length announces; check the network between", announced).Because(err)
	}
	return tollgate.Errorf(tollgate.Invalid, "the request body could not be read to its end; check the network between").Because(err)
}
