package audit

import (
	"slices"

	"tollgate"
	"tollgate/internal/audit/body"
	"tollgate/internal/audit/sink"
)

// Config is what becomes of the audit log.
type Config struct {
	body.Config `yaml:",inline"`

	// Sinks are those who are handed the audit log as it grows, and its
	// checkpoints.
	Sinks []sink.Config `yaml:"sinks"`
}

// DefaultConfig is in force where the configuration says nothing.
func DefaultConfig() Config { return Config{Config: body.DefaultConfig()} }

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
	for _, each := range sink.Validate(c.Sinks) {
		each.Path = "sinks" + each.Path
		problems = append(problems, each)
	}
	return problems
}
