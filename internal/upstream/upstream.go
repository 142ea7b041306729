// Package upstream sends a call to one configured place: an address, a way of
// putting a credential on, and the headers that may pass. It decides nothing:
// which place, and whether to try another, is its caller's business; what a
// client may change about where the gateway connects is nothing at all.
package upstream

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"tollgate"
	"tollgate/internal/cred"
	"tollgate/internal/dialect"
	"tollgate/internal/payload"
	"tollgate/internal/upstream/capability"
)

// Signer puts the upstream's credential on a request that is otherwise
// complete, and asks nothing of its Body but what sum says. It may
// wait for a token as long as ctx allows; it must not keep r. who asks counts
// where the provider is to tell its bill by it.
type Signer interface {
	Sign(ctx context.Context, r *http.Request, sum func() cred.Sum, who tollgate.Principal) error
}

// Upstream is immutable and may be used by many goroutines at once.
type Upstream struct {
	Name      string
	Provider  string
	FirstByte time.Duration // how long its answer may take to begin

	base      *url.URL
	dialect   dialect.Dialect
	accepts   *capability.Table         // nil: everything
	names     func(model string) string // what it calls a model; nil: what everybody does
	regional  func(model string) bool   // whether it asks a premium for where that runs; nil: never
	headers   http.Header               // set over what the client sent
	signer    Signer
	signs     bool // what signer puts on holds the body's SHA-256
	transport *http.Transport
	own       *regexp.Regexp // the operator's names; nil: there are none
}

// Send makes one attempt. It returns the answer as soon as its headers are
// there, whatever its status; the caller closes its body. ctx governs the
// whole exchange, the reading of the answer included. body is what Prepare
// made. An error means that there is no answer; it wraps ErrReached when the
// provider may have worked on one. Redirects are answers and are never
// followed.
func (u *Upstream) Send(ctx context.Context, out Outgoing, body *payload.Payload, who tollgate.Principal) (*http.Response, error) {
	request := &http.Request{
		Method:        http.MethodPost,
		URL:           u.address(out),
		Header:        out.header,
		Body:          body.NewReader(),
		GetBody:       func() (io.ReadCloser, error) { return body.NewReader(), nil },
		ContentLength: int64(body.Len()),
	}
	request.Host = request.URL.Host
	if out.own != "" {
		request.Header["Authorization"] = []string{out.own}
		return u.roundTrip(ctx, request)
	}
	if err := u.signer.Sign(ctx, request, body.SHA256, who); err != nil {
		_ = request.Body.Close() // a payload's reader cannot fail to close
		return nil, err
	}
	return u.roundTrip(ctx, request)
}

// Signs says whether what is sent is signed, for which its SHA-256 is needed.
func (u *Upstream) Signs() bool { return u.signs }

// address puts the call's path behind the base address, as it is escaped.
func (u *Upstream) address(out Outgoing) *url.URL {
	address := *u.base
	address.RawPath = u.base.EscapedPath() + out.path
	address.Path, _ = url.PathUnescape(address.RawPath) // a dialect escapes what it makes
	address.RawQuery = out.query
	return &address
}

// Close lets go of connections that are at rest.
func (u *Upstream) Close() { u.transport.CloseIdleConnections() }

// outgoing is the open list: everything the client sent but what belongs to
// the connection, to a credential or to the way it came. Repeated lines stay
// repeated. The values are shared with the original.
func (u *Upstream) outgoing(incoming http.Header) http.Header {
	out := make(http.Header, len(incoming)+len(u.headers)+2)
	for name, lines := range incoming {
		if !withheld(name) && !slices.ContainsFunc(lines, tollgate.HoldsKey) {
			out[name] = lines
		}
	}
	for _, line := range incoming["Connection"] {
		for name := range strings.SplitSeq(line, ",") {
			delete(out, http.CanonicalHeaderKey(strings.TrimSpace(name)))
		}
	}
	hideFromTransport(out)
	for name, lines := range u.headers {
		out[name] = lines
	}
	return out
}

// hideFromTransport keeps net/http from acting on headers that are none of its
// business: it would add a user agent of its own, and send a request that
// carries an idempotency key a second time by itself, which nobody would
// account for. It only knows the canonical spelling.
func hideFromTransport(out http.Header) {
	if _, named := out["User-Agent"]; !named {
		out["User-Agent"] = nil
	}
	for _, name := range []string{"Idempotency-Key", "X-Idempotency-Key"} {
		if lines, named := out[name]; named {
			delete(out, name)
			out[strings.ToLower(name)] = lines
		}
	}
}

// withheld says whether a request header, in canonical form, stays here.
func withheld(name string) bool {
	switch name {
	case "Connection", "Keep-Alive", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade", "Expect",
		"Authorization", "X-Api-Key", "Api-Key", "Proxy-Authorization", "Cookie",
		"Forwarded", "X-Forwarded", "Via", "X-Real-Ip", "X-Client-Ip", "X-Original-Forwarded-For",
		"True-Client-Ip", "Cf-Connecting-Ip", "Fastly-Client-Ip",
		"Accept-Encoding", "Content-Length":
		return true
	}
	return slices.ContainsFunc(withheldPrefixes[:], func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

// withheldPrefixes are families of headers that proxies in front of a gateway
// add, where a request came from, and who an access proxy says it is by; and of
// those with which a client of a cloud signs, or says whom to bill.
var withheldPrefixes = [...]string{"X-Forwarded-", "X-Amz-", "X-Goog-", "Cf-Access-", "X-Amzn-Oidc-", "X-Auth-Request-", "X-Tollgate-"}

// newTransport makes the connections to one upstream. Nothing is decompressed,
// since what comes must be what leaves; nothing bounds an answer's length, nor
// the number of connections, which is that of the requests under way. What a
// slow reader does not take yet waits at the provider: in HTTP/2 as in HTTP/1.1
// no more of an answer than MaxReceiveBufferPerStream is taken in before it is
// read, where net/http would take 4 MiB.
func newTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         dialPlain(dialer),
		ForceAttemptHTTP2:   true,
		DisableCompression:  true,
		MaxIdleConnsPerHost: 1024,
		IdleConnTimeout:     90 * time.Second,
		TLSHandshakeTimeout: 10 * time.Second,
		HTTP2: &http.HTTP2Config{
			SendPingTimeout: 30 * time.Second, PingTimeout: 15 * time.Second,
			MaxReceiveBufferPerStream: 64 << 10,
		},
		MaxResponseHeaderBytes: 1 << 20,
	}
}
