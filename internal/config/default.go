package config

import (
	"log/slog"

	"tollgate/internal/admin"
	"tollgate/internal/alert"
	"tollgate/internal/audit"
	"tollgate/internal/journal"
	"tollgate/internal/meter"
	"tollgate/internal/proxy"
)

// defaults is the configuration that says nothing. env may name another data
// folder, as it does for the commands that look for the admin socket in it.
func defaults(env func(string) (string, bool)) Config {
	config := Config{
		Listen:  Listen{Address: "127.0.0.1:8080"},
		Admin:   admin.Config{Metrics: admin.ByKey},
		DataDir: "./tollgate-data",
		Prices:  meter.Config{Multiplier: "1.0", Unknown: meter.Refuse},
		Audit:   audit.DefaultConfig(),
		Alerts:  alert.DefaultConfig(),
		Journal: journal.DefaultConfig(),
		Limits:  proxy.DefaultLimits(),
		Log:     Log{Format: LogText, Level: slog.LevelInfo},
	}
	if folder, _ := env("TOLLGATE_DATA_DIR"); folder != "" {
		config.DataDir = folder
	}
	return config
}

// complete fills in the defaults that depend on what was said.
func (c *Config) complete() {
	c.Telemetry = c.Telemetry.WithDefaults()
	c.Alerts = c.Alerts.WithDefaults()
	c.Audit = c.Audit.WithDefaults()
	c.TokenExchange = c.TokenExchange.WithDefaults()
	for i := range c.Upstreams {
		upstream := c.Upstreams[i].WithDefaults()
		if upstream.FirstByte == 0 && c.Limits.FirstByte > 0 { // what is wrong with that one is its own problem
			upstream.FirstByte = c.Limits.FirstByte
		}
		c.Upstreams[i] = upstream
	}
}
