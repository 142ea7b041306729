package audit

import (
	"slices"
	"time"

	"tollgate"
	"tollgate/internal/audit/body"
	"tollgate/internal/audit/sink"
)

// Config is what becomes of the audit log.
type Config struct {
	body.Config `yaml:",inline"`

	// Checkpoint says when everything that is recorded is committed to, with a
	// signature.
	Checkpoint Interval `yaml:"checkpoint"`
	// Retention is how long records are kept, at least; 0 keeps them for ever. They
	// go by the day, once each sink has them, and not while a legal hold is in
	// force. The rows of the ledger stay.
	Retention time.Duration `yaml:"retention"`
	// Sinks are those who are handed the audit log as it grows, and its
	// checkpoints.
	Sinks []sink.Config `yaml:"sinks"`
}

const day = 24 * time.Hour

// DefaultConfig is in force where the configuration says nothing.
func DefaultConfig() Config {
	return Config{Config: body.DefaultConfig(), Checkpoint: Interval{Every: time.Minute, Records: 10_000}, Retention: 400 * day}
}

// Interval is how far checkpoints lie apart at most: whichever comes first.
type Interval struct {
	// Every is the time between two of them, if anything was recorded. Default: 1m.
	Every time.Duration `yaml:"every"`
	// Records is how many records there may be between two of them. Default: 10000.
	Records int64 `yaml:"records"`
}

// WithDefaults returns the config with every default filled in.
func (c Config) WithDefaults() Config {
	c.Sinks = slices.Clone(c.Sinks)
	for i, each := range c.Sinks {
		c.Sinks[i] = each.WithDefaults()
	}
	return c
}

// Validate returns every mistake at once. Paths are relative to this Config.
func (c Config) Validate() (problems []tollgate.Problem) {
	problems = c.Config.Validate()
	if c.Checkpoint.Every < time.Second {
		problems = append(problems, tollgate.Problem{Path: "checkpoint.every", Message: "is shorter than a second", Remedy: "write a time such as 1m"})
	}
	if c.Checkpoint.Records < 1 {
		problems = append(problems, tollgate.Problem{Path: "checkpoint.records", Message: "is less than one record", Remedy: "write a number such as 10000"})
	}
	if c.Retention < 0 || c.Retention > 0 && c.Retention < day {
		problems = append(problems, tollgate.Problem{Path: "retention", Message: "is shorter than a day", Remedy: "write a duration such as 400d, or 0 to keep records for ever"})
	}
	for _, each := range sink.Validate(c.Sinks) {
		each.Path = "sinks" + each.Path
		problems = append(problems, each)
	}
	return problems
}
