// Package simulator is a provider to practise on: an Anthropic Messages API
// on a socket of one's own. It streams at a human pace, thinks, calls the
// client's tools and reads their results, counts tokens and keeps a prompt
// cache, and it misbehaves on request, by a script or by a directive in the
// prompt.
//
// It refuses to be clever: what it says follows from the conversation by a
// handful of rules, so that the same request is always answered alike. It
// reads request bodies into types, as a provider does; nothing of the gateway
// may. Whatever it receives and sends can be kept, byte for byte, for tests
// to compare.
package simulator

import (
	"net/http"
	"sync/atomic"
	"time"
)

// Config says how a Simulator behaves. The zero Config is a provider without
// a script that takes any credential, streams as fast as it can and keeps
// nothing.
type Config struct {
	Pace   time.Duration // between two deltas of a stream; 0: none
	Script *Script       // nil: it always behaves
	Keys   []string      // the credentials it takes, and tokens it issued itself; empty: any

	TokenLifetime time.Duration // of exchanged access tokens; 0: one hour

	Keep   int          // how many exchanges Received remembers; 0: none
	Served func(Served) // told of every request once it has been answered; may be nil

	Now func() time.Time // nil: time.Now
}

// DefaultPace is the time between two deltas that feels like a model typing.
const DefaultPace = 25 * time.Millisecond

// Simulator is an http.Handler that answers as the provider would. It may
// serve any number of requests at once.
type Simulator struct {
	config     Config
	routes     *http.ServeMux
	record     record
	cache      promptCache
	tokens     tokenIssuer
	directives directiveUses
	canned     *canned      // nil: every request is read
	open       atomic.Int64 // requests being served now
}

// New makes a Simulator. The script, if any, has already been checked by
// ParseScript.
func New(config Config) *Simulator {
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.TokenLifetime == 0 {
		config.TokenLifetime = time.Hour
	}
	s := &Simulator{config: config}
	s.record.keep = config.Keep
	s.canned = config.Script.can(config.Pace)
	s.routes = s.newRoutes()
	return s
}

func (s *Simulator) newRoutes() *http.ServeMux {
	routes := http.NewServeMux()
	handle := func(pattern string, answer func(*visit)) {
		routes.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			v := w.(*visit) // ServeHTTP passed it in
			v.request = r
			answer(v)
		})
	}
	handle("POST /v1/messages", s.guarded(s.messages))
	handle("POST /v1/messages/count_tokens", s.guarded(s.countTokens))
	handle("GET /v1/models", s.guarded(s.listModels))
	handle("GET /v1/models/{id}", s.guarded(s.showModel))
	handle("POST /v1/oauth/token", s.exchangeToken)
	handle("GET /api/hello", hello)
	handle("/", notFound)
	return routes
}

// ServeHTTP answers one request and, when asked to, records it.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.open.Add(1)
	defer s.open.Add(-1)
	v := s.receive(w, r)
	defer s.finish(v)
	setHeaders(v.Header(), v.start)
	if v.tooLarge {
		v.error(http.StatusRequestEntityTooLarge, "The body is larger than 32 MiB.")
		return
	}
	s.routes.ServeHTTP(v, r)
}

// Open is the number of requests being served at this moment.
func (s *Simulator) Open() int { return int(s.open.Load()) }

func hello(v *visit) {
	v.json(http.StatusOK, map[string]string{"message": "hello from the simulated provider"})
}

func notFound(v *visit) {
	v.error(http.StatusNotFound, "The simulated provider has nothing at "+v.request.Method+" "+v.request.URL.Path+".")
}
