package proxy

import (
	"net/http"

	"tollgate"
)

// Keeper keeps the bodies of requests and of answers where an organisation wants
// that. It takes copies; it never waits and never fails.
type Keeper interface {
	// Begin is shown the body of a request that is going to be admitted or
	// refused. It returns nil where nothing is kept. x says from then on what
	// becomes of the body.
	Begin(x *tollgate.Exchange, body []byte) Kept
}

// Kept is what is kept of one request.
type Kept interface {
	// Answer says that a provider's answer begins: whether it comes in binary
	// frames, and whether it is compressed.
	Answer(framed, compressed bool)
	// Write is shown the answer as the client is told it; one in frames in the
	// form of the Messages API.
	Write(p []byte)
	// End ends the request and says in x what became of both bodies.
	End(x *tollgate.Exchange)
}

// keep shows the body of a request to whoever keeps it.
func (p *Proxy) keep(x *tollgate.Exchange, body []byte, granted *admission) {
	if p.Bodies != nil {
		granted.kept = p.Bodies.Begin(x, body)
	}
}

// keptAnswer is where the bytes of an answer are kept.
type keptAnswer struct {
	kept   Kept // nil: nowhere
	framed bool
}

func (k keptAnswer) begin(header http.Header) keptAnswer {
	if k.kept != nil {
		k.framed = isStream(header) && !isEventStream(header)
		k.kept.Answer(k.framed, header.Get("Content-Encoding") != "")
	}
	return k
}

func (k keptAnswer) write(heard, told []byte) {
	switch {
	case k.kept == nil:
	case k.framed:
		k.kept.Write(heard)
	default:
		k.kept.Write(told)
	}
}
