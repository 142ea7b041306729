package proxy

import (
	"time"

	"tollgate"
)

// Limits bound what one client can take and how long the gateway waits. There
// is no bound on how long an answer may stream.
type Limits struct {
	// MaxRequestBytes bounds a request's body, as a number of bytes or with a
	// unit (32MiB). The provider's own bound is 32 MiB.
	MaxRequestBytes tollgate.ByteSize `yaml:"max_request_bytes"`
	// MaxBodyBytesInFlight bounds what the bodies of all requests together
	// hold in memory, at least twice max_request_bytes. A body counts as it arrives, until the
	// provider's answer begins. Beyond it requests are refused with 529.
	MaxBodyBytesInFlight tollgate.ByteSize `yaml:"max_body_bytes_in_flight"`
	// MaxRequests bounds the requests under way, answers that stream included.
	// Beyond it requests are refused with 529.
	MaxRequests int64 `yaml:"max_requests"`
	// MaxConnections bounds the connections of clients, those at rest
	// included. On one more, every request is refused with 529. Each
	// takes up to two of the process's file descriptors.
	MaxConnections int64 `yaml:"max_connections"`
	// MaxHeaderBytes bounds a request's line and headers together.
	MaxHeaderBytes tollgate.ByteSize `yaml:"max_header_bytes"`
	// ReadRequest is how long a client may take to send a whole request.
	ReadRequest time.Duration `yaml:"read_request"`
	// Idle is how long a connection is kept open between two requests.
	Idle time.Duration `yaml:"idle"`
	// Drain is how long answers may take to finish after a stop.
	Drain time.Duration `yaml:"drain"`
	// FirstByte is how long to wait for an upstream's answer to begin.
	FirstByte time.Duration `yaml:"first_byte"`
}

// DefaultLimits are in force where the configuration says nothing.
func DefaultLimits() Limits {
	return Limits{
		MaxRequestBytes: 32 << 20,
		MaxHeaderBytes:  256 << 10,

		MaxBodyBytesInFlight: 512 << 20,
		MaxRequests:          4096,
		MaxConnections:       8192,

		ReadRequest: time.Minute,
		Idle:        2 * time.Minute,
		Drain:       10 * time.Minute,
		FirstByte:   10 * time.Minute,
	}
}

// leastHeaders is what a request of the client's needs at the very least.
const leastHeaders = 4 << 10

// Validate returns every mistake at once. Paths are relative to these Limits.
func (l Limits) Validate() (problems []tollgate.Problem) {
	if l.MaxRequestBytes <= 0 {
		problems = append(problems, tollgate.Problem{
			Path: "max_request_bytes", Message: "must be more than 0", Remedy: "write 32MiB, the provider's own bound, or less",
		})
	}
	if l.MaxHeaderBytes < leastHeaders {
		problems = append(problems, tollgate.Problem{
			Path: "max_header_bytes", Message: "is too little for the headers that Claude Code sends", Remedy: "write at least 4KiB",
		})
	}
	problems = append(problems, l.roomProblems()...)
	for _, wait := range []struct {
		path string
		time.Duration
	}{{"read_request", l.ReadRequest}, {"idle", l.Idle}, {"drain", l.Drain}, {"first_byte", l.FirstByte}} {
		if wait.Duration <= 0 {
			problems = append(problems, tollgate.Problem{
				Path: wait.path, Message: "must be more than 0", Remedy: "write a duration such as 10m",
			})
		}
	}
	return problems
}

// roomProblems: with less room than that, the largest request that is accepted
// could never be served, be the gateway idle. While a body grows, its old
// buffer and its new one are there; and so are the body and a copy of it in
// which a model has another name.
func (l Limits) roomProblems() (problems []tollgate.Problem) {
	if l.MaxBodyBytesInFlight < 2*l.MaxRequestBytes {
		problems = append(problems, tollgate.Problem{
			Path: "max_body_bytes_in_flight", Message: "has no room for the largest request that max_request_bytes accepts", Remedy: "write at least twice max_request_bytes",
		})
	}
	for _, bound := range []struct {
		path string
		most int64
	}{{"max_requests", l.MaxRequests}, {"max_connections", l.MaxConnections}} {
		if bound.most <= 0 {
			problems = append(problems, tollgate.Problem{
				Path: bound.path, Message: "must be more than 0", Remedy: "leave it out, or write a whole number such as 4096",
			})
		}
	}
	return problems
}

// Subscriptions are claude.ai subscriptions that developers have themselves.
type Subscriptions struct {
	// Passthrough lets requests through that come with a developer's own claude.ai
	// login and no gateway key. They go to upstreams of the provider anthropic, with
	// that credential in place of the gateway's, and cost no budget anything.
	Passthrough bool `yaml:"passthrough"`
	// RequireKey lets them through only with a gateway key beside, in the header
	// x-tollgate-key: then they are somebody's, and the key's models and limits
	// hold. Without, whoever reaches the gateway can send such requests through it.
	RequireKey bool `yaml:"require_key"`
}

// Validate returns every mistake at once.
func (s Subscriptions) Validate() (problems []tollgate.Problem) {
	if s.RequireKey && !s.Passthrough {
		problems = append(problems, tollgate.Problem{Path: "require_key", Message: "has no meaning while subscriptions are not passed through", Remedy: "write passthrough: true, or leave it out"})
	}
	return problems
}
