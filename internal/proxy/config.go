package proxy

import "time"

// Limits bound what one client can take and how long the gateway waits. There
// is no bound on how long an answer may stream.
type Limits struct {
	// MaxRequestBytes bounds a request's body, as a number of bytes or with a
	// unit (32MiB). The provider's own bound is 32 MiB.
	MaxRequestBytes ByteSize `yaml:"max_request_bytes"`
	// MaxHeaderBytes bounds a request's line and headers together.
	MaxHeaderBytes ByteSize `yaml:"max_header_bytes"`
	// ReadRequest is how long a client may take to send a whole request.
	ReadRequest time.Duration `yaml:"read_request"`
	// Idle is how long a connection is kept open between two requests.
	Idle time.Duration `yaml:"idle"`
	// Drain is how long answers may finish after a stop or a reload.
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
