package app

import (
	"time"

	"tollgate"
	"tollgate/internal/admin"
	"tollgate/internal/config"
	"tollgate/internal/proxy"
)

// Reload puts another configuration in force for requests that arrive from now
// on; those under way end as they began. It says what only a restart can
// change. When it fails, nothing has changed.
func (a *App) Reload(c *config.Config) error {
	a.reloading.Lock()
	defer a.reloading.Unlock()
	_, err := a.reload(c)
	return err
}

// Reread reads a configuration and puts it in force, as Reload does. The error
// of one with mistakes is a *config.Error.
func (a *App) Reread(read func() (*config.Config, error)) (tollgate.Reload, error) {
	a.reloading.Lock() // before it is read: of two, the later one counts
	defer a.reloading.Unlock()
	c, err := read()
	if err != nil {
		a.refused("")
		return tollgate.Reload{}, err
	}
	return a.reload(c)
}

// reload is for whoever holds reloading.
func (a *App) reload(c *config.Config) (done tollgate.Reload, err error) {
	next, err := newSnapshot(c, a.lessons, time.Now, a.log)
	if err != nil {
		a.refused(c.Digest)
		return done, err
	}
	done = tollgate.Reload{Changed: config.Changed(a.config, c), NeedRestart: needRestart(a.started, c)}
	for _, name := range done.NeedRestart {
		a.log.Warn("a change in the configuration takes effect only after a restart", "member", name)
	}
	last := a.snapshot
	a.config, a.snapshot = c, next
	a.putInForce(c, next)
	a.tracer.Configure(c.Telemetry, c.Upstreams)
	a.teller.Configure(c.Alerts)
	a.sinks.Configure(c.Audit.Sinks)
	a.bodies.Swap(c.Audit.Config)
	a.retirer.config.Store(&c.Audit)
	a.exchanger.Configure(c.TokenExchange)
	a.auditor.interval.Store(&c.Audit.Checkpoint)
	a.auditor.note(tollgate.AuditEvent{Action: configLoaded, Outcome: "done", About: object("configuration", c.Digest, "changed", done.Changed)})
	for _, each := range last.Upstreams {
		each.Close()
	}
	return done, nil
}

// refused counts and records a configuration that is not put in force. One that
// cannot be read has no digest.
func (a *App) refused(digest string) {
	a.metrics.Reloaded(false, time.Now())
	a.auditor.note(tollgate.AuditEvent{Action: configLoaded, Outcome: "refused", About: object("configuration", digest)})
}

// putInForce turns the data plane to a configuration, and what is counted of it.
func (a *App) putInForce(c *config.Config, snapshot *proxy.Snapshot) {
	a.proxy.Swap(snapshot)
	a.tellDescriptors(c.Limits.MaxConnections)
	a.metrics.NameModels(knownModels(c, snapshot.Book))
	a.metrics.NameSinks(c.Alerts.Names())
	names := make([]string, len(c.Upstreams))
	for i, each := range c.Upstreams {
		names[i] = each.Name
	}
	a.metrics.NameUpstreams(names)
	a.metrics.Reloaded(true, time.Now())
}

// needRestart names the members of the configuration that are read only at the
// start and differ.
func needRestart(old, new *config.Config) (names []string) {
	for name, differs := range map[string]bool{
		"listen.address":          old.Listen.Address != new.Listen.Address,
		"listen.tls":              (old.Listen.TLS == nil) != (new.Listen.TLS == nil) || old.Listen.TLS != nil && *old.Listen.TLS != *new.Listen.TLS,
		"admin.address":           old.Admin.Address != new.Admin.Address,
		"admin.metrics":           old.Admin.Metrics != new.Admin.Metrics,
		"admin.keys":              !sameKeys(old.Admin.Keys, new.Admin.Keys),
		"data_dir":                old.DataDir != new.DataDir,
		"organization.time_zone":  old.Organization.TimeZone.Location().String() != new.Organization.TimeZone.Location().String(),
		"journal":                 old.Journal != new.Journal,
		"limits.idle":             old.Limits.Idle != new.Limits.Idle,
		"limits.read_request":     min(headerBound, old.Limits.ReadRequest) != min(headerBound, new.Limits.ReadRequest),
		"limits.max_header_bytes": old.Limits.MaxHeaderBytes != new.Limits.MaxHeaderBytes,
		"log":                     old.Log != new.Log,
	} {
		if differs {
			names = append(names, name)
		}
	}
	return names
}

func sameKeys(a, b []admin.Key) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Name != b[i].Name || a[i].Role != b[i].Role || a[i].Key.Reveal() != b[i].Key.Reveal() {
			return false
		}
	}
	return true
}
