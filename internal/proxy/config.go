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
		ReadRequest:     time.Minute,
		Idle:            2 * time.Minute,
		Drain:           10 * time.Minute,
		FirstByte:       10 * time.Minute,
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
