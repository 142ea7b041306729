// Package simulator is a provider to practise on, on a socket of one's own: the
// Anthropic Messages API, Amazon Bedrock in both of its forms, Google's Agent
// Platform, Microsoft Foundry and Claude Platform on AWS, and the services that
// give out their tokens. It streams at a human pace, thinks, calls the client's
// tools and reads their results, counts tokens and keeps a prompt cache, and it
// misbehaves on request, by a script or by a directive in the prompt.
//
// The clouds are strict: a signature is computed anew, and what a cloud does not
// take is refused in its own words, which name accounts and projects on purpose.
// Nothing of that checking is the gateway's own code.
//
// It refuses to be clever: what it says follows from the conversation by a
// handful of rules, so that the same request is always answered alike. It
// reads request bodies into types, as a provider does; nothing of the gateway
// may. Whatever it receives and sends can be kept, byte for byte, for tests
// to compare.
package simulator

import (
	"crypto/rsa"
	"fmt"
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
	Cloud  Cloud         // the account at the clouds

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
	faces      map[Provider]*face
	record     record
	cache      promptCache
	tokens     tokenIssuer
	roles      assumedRoles
	directives directiveUses
	canned     *canned      // nil: every request is read
	open       atomic.Int64 // requests being served now

	serviceAccount atomic.Pointer[rsa.PrivateKey] // at Google; nil: there is none
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
	config.Cloud = config.Cloud.complete()
	s := &Simulator{config: config}
	s.record.keep = config.Keep
	s.canned = config.Script.can(config.Pace)
	s.faces = s.newFaces()
	return s
}

// ServeHTTP answers one request and, when asked to, records it.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.open.Add(1)
	defer s.open.Add(-1)
	f, inner := s.face(r)
	v := s.receive(w, r, f)
	defer s.finish(v)
	f.headers(v.Header(), v.start)
	if v.tooLarge {
		v.error(http.StatusRequestEntityTooLarge, fmt.Sprintf("The body is larger than %d MiB.", f.maxBody>>20))
		return
	}
	f.routes.ServeHTTP(v, inner)
}

// Open is the number of requests being served at this moment.
func (s *Simulator) Open() int { return int(s.open.Load()) }

func hello(v *visit) {
	v.json(http.StatusOK, map[string]string{"message": "hello from the simulated provider"})
}

func notFound(v *visit) {
	v.error(http.StatusNotFound, "The simulated provider has nothing at "+v.request.Method+" "+v.path+".")
}
