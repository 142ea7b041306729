package proxy

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"

	"tollgate"
	"tollgate/internal/dialect/messages"
	"tollgate/internal/meter"
)

// errCut says that an answer broke off, on whichever side. If anybody is still
// there to see the end of it, it must not look like one.
var errCut = errors.New("the answer was cut")

// How an exchange can go wrong after its answer has begun, as the ledger says it.
const (
	clientHungUp   = "client_hung_up"
	upstreamCut    = "upstream_cut"
	usageMissing   = "usage_missing"   // it ended as answers do, but without the final usage
	gatewayStopped = "gateway_stopped" // it was not done when the time to drain was over
)

// relay copies the answer to the client as it arrives, byte for byte, and
// returns what was heard of the usage. The error is errCut or nil.
func (p *Proxy) relay(ctx context.Context, w http.ResponseWriter, response *http.Response, x *tollgate.Exchange) (meter.Reading, error) {
	x.Status = response.StatusCode
	x.UpstreamRequestID = messages.Attribute(response.Header.Get("Request-Id"))
	passHeaders(w.Header(), response.Header)
	w.WriteHeader(response.StatusCode)

	stream := strings.HasPrefix(response.Header.Get("Content-Type"), "text/event-stream")
	ear := listen(x, stream)
	err := p.copy(ctx, w, response.Body, stream, ear, x)
	reading := ear.close(x)
	switch {
	case err == nil:
		return reading, nil
	case errors.Is(err, errClientGone):
		x.Error = p.whoLeft()
		return reading, errCut
	}
	x.Error = upstreamCut
	p.Log.Warn("a provider's answer was cut", "request", x.ID, "upstream", x.Upstream, "bytes", x.ResponseBytes, "cause", err)
	return reading, errCut
}

// whoLeft says who ended an exchange whose client is no longer there.
func (p *Proxy) whoLeft() string {
	if p.Running.Err() != nil {
		return gatewayStopped
	}
	return clientHungUp
}

var errClientGone = errors.New("the client hung up")

// copy moves the answer's bytes: what one read returned is written and, in a
// stream, flushed once. A client that is gone ends a stream; a whole answer is
// read on, for its usage.
func (p *Proxy) copy(ctx context.Context, w http.ResponseWriter, from io.Reader, stream bool, ear *ear, x *tollgate.Exchange) (err error) {
	var buffer window
	defer buffer.close()
	flusher, _ := w.(http.Flusher)
	for {
		piece, readErr := buffer.read(from)
		if len(piece) > 0 {
			if x.FirstByte == 0 {
				x.FirstByte = p.Now().Sub(x.Time)
			}
			if err == nil {
				_, err = w.Write(piece)
			}
			if err == nil && stream && flusher != nil {
				flusher.Flush()
			}
			x.ResponseBytes += int64(len(piece))
			ear.hear(piece)
		}
		switch {
		case err != nil && stream, readErr == io.EOF && err != nil:
			return errClientGone
		case readErr == io.EOF:
			return nil
		case readErr != nil && ctx.Err() != nil:
			return errClientGone
		case readErr != nil:
			return readErr
		}
	}
}

// passHeaders copies the answer's headers but for those of the connection,
// cookies, and the rate limits, which describe the quota that all developers
// share and would be shown to one of them as his own.
func passHeaders(to, from http.Header) {
	for name, lines := range from {
		if !keptBack(name) {
			to[name] = lines
		}
	}
	for _, line := range from["Connection"] {
		for name := range strings.SplitSeq(line, ",") {
			to.Del(strings.TrimSpace(name))
		}
	}
	if _, named := to["Content-Type"]; !named {
		to["Content-Type"] = nil // or net/http would guess one
	}
}

// keptBack says whether a response header, in canonical form, stays here.
func keptBack(name string) bool {
	switch name {
	case "Connection", "Keep-Alive", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade",
		"Proxy-Authenticate", "Set-Cookie", "Alt-Svc":
		return true
	}
	return strings.HasPrefix(name, "Anthropic-Ratelimit-")
}
