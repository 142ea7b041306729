package proxy

import (
	"cmp"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"tollgate"
	"tollgate/internal/dialect/messages"
	"tollgate/internal/meter"
	"tollgate/internal/upstream"
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

	// attemptAbandoned: it was answered, but an upstream before had it too.
	attemptAbandoned = "attempt_abandoned"
)

// relay copies the answer to the client as it arrives, in the client's dialect,
// and returns what was heard of the usage. Where that is the upstream's, every
// byte is the one that came. The error is errCut or nil.
func (p *Proxy) relay(ctx context.Context, out *outlet, from *answer, kept keptAnswer, x *tollgate.Exchange) (meter.Reading, error) {
	x.Status = from.StatusCode
	x.UpstreamRequestID = messages.Attribute(upstream.RequestID(from.Header))
	p.tellRefusedCredential(x.Status, x)
	p.translateFault(from, x)
	from.passHeaders(out.Header())
	if x.Credential == tollgate.Subscription {
		passLimits(out.Header(), from.Header)
	}
	if x.Status == http.StatusUnauthorized && x.Credential == "" && out.Header().Get("X-Should-Retry") == "" {
		out.Header().Set("X-Should-Retry", "false") // it is not the client's credential: it would try for three minutes (client-behaviour.md 2, 2026-11-23)
	}
	turning := from.turning(out.Header())
	out.WriteHeader(from.StatusCode)
	out.eager = isStream(out.Header())
	if turning.translates() && isEventStream(out.Header()) {
		out.silence = cmp.Or(p.silenceBound, silenceBound)
	}
	x.Timing.Answered = p.Now().Sub(x.Time)
	ear := p.listen(x, out.eager)
	ear.kept = kept.begin(out.Header())
	err := p.copy(ctx, out, from.Body, turning, ear, x)
	reading := ear.close(x)
	p.tellFault(ear.fault, x)
	switch {
	case err == nil:
		return reading, nil
	case errors.Is(err, errClientGone):
		p.left(x)
		return reading, errCut
	}
	x.Error = upstreamCut
	p.Log.Warn("a provider's answer was cut", "request", x.ID, "upstream", x.Upstream, "bytes", x.ResponseBytes, "cause", err)
	return reading, errCut
}

// tellFault tells of a mistake that cost nobody the answer: its row is an
// estimate.
func (p *Proxy) tellFault(found *fault, x *tollgate.Exchange) {
	if found != nil {
		p.Log.Error("tollgate has a fault: what an answer says of its usage could not be read; it passed, and its usage is estimated",
			"request", x.ID, "fault", found.what, "stack", found.stack)
	}
}

// left writes down who ended an exchange whose client is no longer there.
func (p *Proxy) left(x *tollgate.Exchange) {
	x.Error = clientHungUp
	if p.Running.Err() != nil {
		x.Error, x.Interrupted = gatewayStopped, true
	}
}

// tellRefusedCredential tells operators of what a developer can do nothing
// about: it is the gateway's own credential that the provider refuses.
func (p *Proxy) tellRefusedCredential(status int, x *tollgate.Exchange) {
	if x.Credential == "" && (status == http.StatusUnauthorized || status == http.StatusForbidden) {
		p.Log.Error("the provider refuses tollgate's own credential, or what it may do", "request", x.ID, "upstream", x.Upstream, "status", status)
	}
}

func isEventStream(header http.Header) bool { return mediaType(header) == "text/event-stream" }

// isStream says whether an answer comes in events, be it Bedrock's way.
func isStream(header http.Header) bool {
	return isEventStream(header) || mediaType(header) == "application/vnd.amazon.eventstream"
}

func mediaType(header http.Header) string {
	kind, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return kind
}

var errClientGone = errors.New("the client hung up")

// copy moves the answer's bytes: what one read returned is turned, written and,
// in a stream, flushed once. A client that is gone ends a stream; a whole answer is
// read on, for its usage.
func (p *Proxy) copy(ctx context.Context, out *outlet, from io.Reader, turning *turning, ear *ear, x *tollgate.Exchange) (err error) {
	var buffer window
	defer buffer.close()
	out.begin()
	defer out.close()
	for {
		piece, readErr := buffer.read(from)
		heard, told, turnErr := turning.turn(piece, readErr == io.EOF)
		if len(piece) > 0 && x.FirstByte == 0 {
			x.FirstByte = p.Now().Sub(x.Time)
		}
		if len(told) > 0 {
			if err == nil {
				err = out.write(told)
			}
			if x.Timing.Passed == 0 && err == nil {
				x.Timing.Passed = p.Now().Sub(x.Time)
			}
			x.ResponseBytes += int64(len(told))
		}
		ear.hear(heard, told)
		if turnErr != nil {
			readErr = turnErr
		}
		switch {
		case err != nil && out.eager, readErr == io.EOF && err != nil:
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

// passLimits copies what the provider says of a developer's own limits.
func passLimits(to, from http.Header) {
	for name, lines := range from {
		if strings.HasPrefix(name, "Anthropic-Ratelimit-") {
			to[name] = lines
		}
	}
}

// keptBack says whether a response header, in canonical form, stays here.
func keptBack(name string) bool {
	switch name {
	case "Connection", "Keep-Alive", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade",
		"Proxy-Authenticate", "Set-Cookie", "Alt-Svc", "Location": // where a client would carry its key to
		return true
	}
	return strings.HasPrefix(name, "Anthropic-Ratelimit-") || strings.HasPrefix(name, "Anthropic-Priority-") ||
		strings.HasPrefix(name, "Anthropic-Fast-")
}
