package sink

import (
	"time"

	"tollgate"
	"tollgate/internal/secret"
)

// Config is one sink. Which members it takes beside name, kind, from and every
// depends on its kind.
type Config struct {
	// Name is how logs and metrics speak of it: lower case letters, digits and
	// hyphens, at most 63, unique among the sinks. How far it has come is
	// remembered under it.
	Name string `yaml:"name"`
	// Kind is what it is: jsonl, a file; stdout; webhook, a program that takes
	// signed batches; otlp, a collector of logs; s3, a bucket.
	Kind string `yaml:"kind"`
	// From is where a sink begins that is new: with what is recorded from now
	// on, or at the beginning of everything that is kept. Default: now.
	From From `yaml:"from"`
	// Every is how often it is looked whether there is something to deliver.
	// Default: 1s, and 1m for s3.
	Every time.Duration `yaml:"every"`

	// Path is the file of a jsonl sink. Full ones stand beside it, with the time
	// in their names.
	Path string `yaml:"path"`
	// MaxBytes is how large a jsonl file grows before the next is begun.
	// Default: 256MiB.
	MaxBytes tollgate.ByteSize `yaml:"max_bytes"`
	// MaxAge is how old a jsonl file gets before the next is begun. Default: 1d.
	MaxAge time.Duration `yaml:"max_age"`
	// Keep is how many full jsonl files stay. Default: all of them.
	Keep int64 `yaml:"keep"`

	// URL is where a webhook takes batches. Plain http is accepted for this
	// machine's own addresses only.
	URL secret.String `yaml:"url"`
	// Secret signs the batches of a webhook: at least 16 characters, or whsec_
	// with the base64 of at least 16 bytes behind it.
	Secret secret.String `yaml:"secret"`

	// Endpoint is the address of an OTLP collector without /v1/logs, or that of
	// an S3 service other than AWS's.
	Endpoint string `yaml:"endpoint"`
	// Headers are sent along to an OTLP collector, such as its credential.
	Headers map[string]secret.String `yaml:"headers"`
	// AllowPlainHTTP lets records cross the network in clear text, to an
	// endpoint with http.
	AllowPlainHTTP bool `yaml:"allow_plain_http"`

	// Bucket is the S3 bucket, in which object lock is enabled.
	Bucket string `yaml:"bucket"`
	// Region is that of the bucket.
	Region string `yaml:"region"`
	// Prefix stands before the names of all objects, such as tollgate/.
	Prefix string `yaml:"prefix"`
	// PathStyle puts the bucket into the path, as other services than AWS's
	// often need.
	PathStyle bool `yaml:"path_style"`
	// Lock is the mode in which objects are locked, governance or compliance.
	// none leaves it to the bucket's default retention. Default: governance.
	Lock Lock `yaml:"lock"`
	// Retain is for how long objects are locked. Default: 400d.
	Retain time.Duration `yaml:"retain"`
	// AccessKeyID is, with its secret_access_key, a fixed AWS key. Without it
	// AWS's own chain finds the credentials.
	AccessKeyID string `yaml:"access_key_id"`
	// SecretAccessKey goes with access_key_id.
	SecretAccessKey secret.String `yaml:"secret_access_key"`
	// SessionToken goes with a temporary access_key_id.
	SessionToken secret.String `yaml:"session_token"`
	// Profile is that of AWS's shared configuration whose credentials are taken.
	Profile string `yaml:"profile"`
}

// From is where a new sink begins.
type From string

// The beginnings.
const (
	FromNow       From = "now"
	FromBeginning From = "beginning"
)

// Lock is how objects in a bucket are kept from being changed.
type Lock string

// The locks.
const (
	Governance Lock = "governance" // whoever has a right of its own may lift it
	Compliance Lock = "compliance" // nobody may
	NoLock     Lock = "none"
)

// WithDefaults returns the config with every default filled in.
func (c Config) WithDefaults() Config {
	if c.From == "" {
		c.From = FromNow
	}
	k := kindOf(c.Kind)
	if k == nil {
		return c
	}
	if c.Every == 0 {
		c.Every = k.every
	}
	if k.complete != nil {
		k.complete(&c)
	}
	return c
}
