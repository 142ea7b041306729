package observe

import (
	"cmp"

	"tollgate/internal/secret"
)

// Telemetry is what tollgate tells other systems of its requests.
type Telemetry struct {
	// OTLP names a collector that takes OpenTelemetry traces. Default: there is
	// none, and requests are not traced.
	OTLP *OTLP `yaml:"otlp"`
}

// OTLP is a collector that speaks OTLP over HTTP, in protobuf. The OTEL_…
// variables of the environment are not read.
type OTLP struct {
	// Endpoint is the collector's base address; /v1/traces is put behind it.
	// Plain http is accepted for this machine's own addresses; see
	// allow_plain_http.
	Endpoint string `yaml:"endpoint"`
	// AllowPlainHTTP accepts an http:// endpoint on another machine, such as a
	// collector in the same cluster. Traces and headers then cross the network
	// in clear text.
	AllowPlainHTTP bool `yaml:"allow_plain_http"`
	// Headers are sent with every export, such as a credential of the
	// collector's. Their values are masked wherever the configuration is shown.
	Headers map[string]secret.String `yaml:"headers"`
	// Sample is the share of requests to trace, from 0 to 1, of those whose
	// client began no trace. For the others the client has decided.
	// Default: 1.
	Sample Share `yaml:"sample"`
	// MaxPerSecond bounds how many requests are traced in a second, whoever
	// decided that they are. 0 is the default, 100.
	MaxPerSecond int64 `yaml:"max_per_second"`
}

// Share is a number from 0 to 1, as somebody wrote it. Empty means not given.
type Share string

// WithDefaults returns the config with every default filled in.
func (t Telemetry) WithDefaults() Telemetry {
	if t.OTLP != nil {
		o := *t.OTLP
		o.Sample = cmp.Or(o.Sample, "1")
		o.MaxPerSecond = cmp.Or(o.MaxPerSecond, 100)
		t.OTLP = &o
	}
	return t
}
