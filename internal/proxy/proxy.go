// Package proxy is the data plane: it takes a developer's request to a
// provider and brings the answer back.
//
// The bytes that leave are the bytes that came, in both directions; what is
// read of them is read beside the copy and can neither delay nor break it.
// Every request by a known key ends as exactly one Exchange, however it ends.
package proxy

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"

	"tollgate"
	"tollgate/internal/bound"
	"tollgate/internal/journal"
	"tollgate/internal/meter"
	"tollgate/internal/policy"
	"tollgate/internal/policy/budget"
	"tollgate/internal/policy/limit"
	"tollgate/internal/policy/recent"
	"tollgate/internal/route"
	"tollgate/internal/upstream"
)

// Identifier turns the credential on a request into who it stands for. It must
// not wait for anything. Errors are *tollgate.Error, safe for strangers.
type Identifier interface {
	Identify(http.Header) (tollgate.Principal, error)
}

// Snapshot is what one configuration makes of the world. It is immutable; a
// request uses the one it met at its beginning to its end.
type Snapshot struct {
	Router    *route.Router
	Upstreams map[string]*upstream.Upstream // by name
	Book      *meter.Book
	Access    policy.Access
	Limits    Limits

	Subscriptions Subscriptions

	// TrustedProxies are believed when they say where a request comes from.
	TrustedProxies []netip.Prefix
	// AdmitUnpriced serves models without a known price, at the dearest one.
	AdmitUnpriced bool
	// Help ends every refusal: the organisation's own sentence on whom to
	// ask. It may be empty.
	Help string
}

// Proxy serves the data plane. Its fields are set before the first request and
// not changed after; Swap and SetReady may be called at any time, and so may
// Shut, Open and PassOn, one after the other.
type Proxy struct {
	Identity Identifier
	// Budgets and Limits are asked before a request is sent, Recent what it
	// will probably consume.
	Budgets *budget.Keeper
	Limits  *limit.Limiter
	Recent  *recent.Memory
	// Traffic knows which upstreams rest, and which one serves which session.
	Traffic *route.Traffic
	// Journal remembers every exchange from before it is sent.
	Journal *journal.Journal
	// Issuer gives keys to developers who come with an invitation or a key. It is set
	// before the first request.
	Issuer Issuer
	// Tokens exchanges tokens of pipelines for keys, and speaks OAuth; nil: nobody does.
	Tokens http.Handler
	// Bodies keeps bodies; nil: nobody does.
	Bodies Keeper
	// Record is shown every finished exchange. It must not wait.
	Record func(*tollgate.Exchange)
	// Refused is told of every refusal, also of those that leave no record. It
	// must not wait.
	Refused func(tollgate.Kind)
	// Trace says from a request's headers where it stands in a trace. It must
	// not wait.
	Trace func(http.Header) tollgate.Trace
	Now   func() time.Time
	Log   *slog.Logger
	// Alive says what makes this process one that should be replaced, or
	// nothing. It is asked for /healthz; nil: it is always alive.
	Alive func(context.Context) error
	// Running ends when whatever is still under way has to be given up.
	Running context.Context

	stalledBound   time.Duration         // 0: the constant of this name
	headerPatience time.Duration         // likewise
	silenceBound   time.Duration         // likewise
	newTap         func(stream bool) tap // nil: meter.NewTap

	snapshot  atomic.Pointer[Snapshot]
	ready     atomic.Bool
	room      room
	turnstile turnstile
}

// Swap puts another snapshot in force for requests that arrive from now on.
func (p *Proxy) Swap(s *Snapshot) {
	p.snapshot.Store(s)
	p.room.set(s.Limits)
}

// SetReady turns /readyz.
func (p *Proxy) SetReady(ready bool) { p.ready.Store(ready) }

// ServeHTTP is the whole surface of the data plane. It matches on the path
// alone, since clients add queries of their own, and as it is written: a path
// that only means the same is none of the gateway's. It never redirects.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.boundReading(w)
	post := r.Method == http.MethodPost
	get := r.Method == http.MethodGet || r.Method == http.MethodHead
	asked := find(r.URL.EscapedPath())
	model, oneModel := strings.CutPrefix(behindDoor(r.URL.Path), "/v1/models/")
	profiles, askProfiles := strings.CutPrefix(r.URL.EscapedPath(), profilesPath)
	switch path := r.URL.EscapedPath(); {
	case get && path == "/api/hello":
		w.WriteHeader(http.StatusOK)
	case get && path == "/healthz":
		p.tellAlive(w, r)
	case get && path == "/readyz":
		p.tellReady(w)
	case bound.Over(r.Context()):
		w.Header().Set("Connection", "close")
		p.refuseOther(w, r, p.full("max_connections", p.room.connections.Stats()))
	case post && asked != nil && !p.ready.Load():
		w.Header().Set("Connection", "close")
		p.refuseOther(w, r, errStopping)
	case p.passedOn(w, r): // and answered by the process that has taken over
	case post && asked != nil:
		p.serve(w, r, asked)
	case path == "/oauth/token" && p.Tokens != nil:
		p.Tokens.ServeHTTP(w, r)
	case post && path == enrollPath:
		p.enroll(w, r)
	case post && path == renewPath:
		p.renew(w, r)
	case (get || post) && isDoctor(path):
		p.serveDoctor(w, r)
	case get && path == "/api/oauth/usage":
		p.showUsage(w, r)
	case get && askProfiles && (profiles == "" || profiles[0] == '/'):
		p.serveProfiles(w, r, profiles)
	case get && behindDoor(path) == "/v1/models":
		p.listModels(w, r)
	case get && oneModel:
		p.showModel(w, r, model)
	default:
		p.refuseOther(w, r, tollgate.Errorf(tollgate.NotFound, "%s", doorNamed(doorAt(path)).serves))
	}
}

// errStopping is answered while the last answers are let finish. The client
// asks again, and finds another process.
var errStopping = &tollgate.Error{
	Kind: tollgate.Stopping, RetryAfter: time.Second,
	Message: "this gateway is being restarted and takes no new requests; the client asks again by itself",
}

func (p *Proxy) tellAlive(w http.ResponseWriter, r *http.Request) {
	if p.Alive == nil {
		return
	}
	if err := p.Alive(r.Context()); err != nil {
		p.Log.Error("this process is not alive", "cause", err)
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}

func (p *Proxy) tellReady(w http.ResponseWriter) {
	if !p.ready.Load() {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusOK)
}
