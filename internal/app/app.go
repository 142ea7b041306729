// Package app puts the parts together: it builds each from its own
// configuration, in the order in which they need each other, and takes them
// down in the reverse. It decides nothing about a request.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"tollgate"
	"tollgate/internal/admin"
	"tollgate/internal/config"
	"tollgate/internal/identity"
	"tollgate/internal/journal"
	"tollgate/internal/observe"
	"tollgate/internal/proxy"
	"tollgate/internal/store"
)

// Options are what a surface adds to the configuration.
type Options struct {
	Version string
	Log     *slog.Logger
	// Watch, if set, is shown every finished exchange. It must not change it.
	Watch func(*tollgate.Exchange)
}

// App is a running gateway.
type App struct {
	Address  string // where the data plane listens, host:port
	URL      string // the same, for a browser or a client
	AdminURL string // of the admin API over the network; empty when it is not there
	Socket   string // the admin socket

	log     *slog.Logger
	folder  *folder
	store   *store.Store
	journal *journal.Journal
	keys    *identity.Directory
	touched *toucher
	tracer  *observe.Tracer
	proxy   *proxy.Proxy
	service *admin.Service
	servers servers

	storeBound time.Duration

	started *config.Config // what the listeners and the folder were opened with

	reloading sync.Mutex
	config    *config.Config // what is in force
	snapshot  *proxy.Snapshot
}

// Start builds the gateway and begins to serve. What it says when it cannot is
// a sentence for whoever started it. ctx bounds the start alone.
func Start(ctx context.Context, c *config.Config, options Options) (app *App, err error) {
	a := &App{log: options.Log, storeBound: storeBound, started: c, config: c}
	running := a.servers.begin()
	defer func() {
		if err != nil {
			err = errors.Join(err, a.tearDown(ctx))
		}
	}()
	if a.folder, err = openFolder(c.DataDir); err != nil {
		return nil, err
	}
	if a.folder.openToOthers() {
		a.log.Warn("other users of this machine may look into the data folder; close it to them with chmod 700", "folder", c.DataDir)
	}
	if err = a.openStore(ctx); err != nil {
		return nil, err
	}
	if a.snapshot, err = newSnapshot(c, time.Now, a.log); err != nil {
		return nil, err
	}
	a.tracer = newTracer(c, options.Version, a.log)
	a.proxy = &proxy.Proxy{Identity: a.keys, Journal: a.journal, Record: a.recorder(options.Watch), Refused: func(tollgate.Kind) {}, Trace: a.tracer.Join, Now: time.Now, Log: a.log, Running: running}
	a.proxy.Swap(a.snapshot)
	a.service = admin.NewService(a.store, ledger{a.store, a.journal}, a.keys, c.Organization.TimeZone.Location(), time.Now, a.log)
	if err = a.listen(c, options.Version); err != nil {
		return nil, err
	}
	a.proxy.SetReady(true)
	return a, nil
}

// openStore opens the database and takes its keys into memory.
func (a *App) openStore(ctx context.Context) (err error) {
	if a.store, err = store.Open(ctx, a.folder.file(store.File)); err != nil {
		return err
	}
	keys, err := a.store.Keys(ctx, tollgate.KeyFilter{})
	if err != nil {
		return err
	}
	pepper, err := a.folder.pepper(len(keys) > 0)
	if err != nil {
		return err
	}
	a.keys = identity.New(pepper, time.Now)
	a.keys.Load(keys)
	if err = a.note(ctx); err != nil {
		return err
	}
	a.store.KeepLogShort(store.LogBound, a.log)
	a.journal, err = journal.Open(a.folder.file(journalFolder), journal.Options{Config: a.config.Journal, Ledger: a.store, Log: a.log, Now: time.Now})
	if err != nil {
		return err
	}
	a.touched = touch(a.store, a.keys, a.log)
	return nil
}

// pepperProbe is what the check of the pepper is a hash of. It is no key.
const pepperProbe = "tollgate pepper check"

// note leaves in the database what whoever opens it next has to know, and
// finds out whether the pepper is the one that its keys need.
func (a *App) note(ctx context.Context) error {
	if err := a.store.CheckPepper(ctx, a.keys.Hash(pepperProbe)); err != nil {
		return fmt.Errorf("%s: %w", a.folder.file(pepperFile), err)
	}
	return a.store.SetTimeZone(ctx, a.config.Organization.TimeZone.Location().String())
}

// recorder is whom every finished exchange is shown to: all records of a request
// are projections of this one value.
func (a *App) recorder(watch func(*tollgate.Exchange)) func(*tollgate.Exchange) {
	return func(x *tollgate.Exchange) {
		observe.Request(a.log, x)
		a.tracer.Record(x)
		if watch != nil {
			watch(x)
		}
	}
}

// Keys is how many gateway keys there are, live or not.
func (a *App) Keys(ctx context.Context) (int, error) {
	keys, err := a.store.Keys(ctx, tollgate.KeyFilter{})
	return len(keys), err
}

// Requests reads the ledger, newest first, everything recorded so far included.
func (a *App) Requests(ctx context.Context, query tollgate.RequestQuery) ([]*tollgate.Exchange, error) {
	ledger{a.store, a.journal}.CatchUp(ctx)
	rows, _, err := a.store.Requests(ctx, query)
	return rows, err
}

// Reload puts another configuration in force for requests that arrive from now
// on; those under way end as they began. It says what only a restart can
// change. When it fails, nothing has changed.
func (a *App) Reload(c *config.Config) error {
	a.reloading.Lock()
	defer a.reloading.Unlock()
	next, err := newSnapshot(c, time.Now, a.log)
	if err != nil {
		return err
	}
	for _, name := range needRestart(a.started, c) {
		a.log.Warn("a change in the configuration takes effect only after a restart", "member", name)
	}
	last := a.snapshot
	a.config, a.snapshot = c, next
	a.proxy.Swap(next)
	a.tracer.Configure(c.Telemetry, c.Upstreams)
	for _, each := range last.Upstreams {
		each.Close()
	}
	return nil
}

// Drain is how long a stop may wait for answers under way.
func (a *App) Drain() time.Duration {
	a.reloading.Lock()
	defer a.reloading.Unlock()
	return a.config.Limits.Drain
}

// Stop ends the gateway: no new work, answers under way may finish until ctx
// ends, everything recorded is stored. While it waits, /readyz says that no
// more work is taken, and so does whoever brings some.
func (a *App) Stop(ctx context.Context) error {
	a.proxy.SetReady(false)
	a.servers.quiet(ctx)
	return a.tearDown(ctx)
}

// storeBound is how long the last rows may take to reach the database, however
// long the answers took before.
const storeBound = 10 * time.Second

// tearDown takes down whatever has been built.
func (a *App) tearDown(ctx context.Context) error {
	a.servers.stop(ctx)
	var errs []error
	if a.service != nil {
		errs = append(errs, a.closeService(ctx))
	}
	if a.journal != nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.storeBound)
		defer cancel()
		errs = append(errs, a.journal.Stop(ctx))
	}
	if a.touched != nil {
		a.touched.stop()
	}
	if a.store != nil {
		errs = append(errs, a.store.Close())
	}
	if a.folder != nil {
		errs = append(errs, a.folder.close())
	}
	if a.tracer != nil { // last, since a collector that hangs must hold up nothing
		a.tracer.Stop(context.WithoutCancel(ctx))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("while stopping: %w", err)
	}
	return nil
}

// closeService stores what administrators did and could not be stored before.
func (a *App) closeService(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.storeBound)
	defer cancel()
	return a.service.Close(ctx)
}

// needRestart names the members of the configuration that are read only at the
// start and differ.
func needRestart(old, new *config.Config) (names []string) {
	for name, differs := range map[string]bool{
		"listen.address":          old.Listen.Address != new.Listen.Address,
		"listen.tls":              (old.Listen.TLS == nil) != (new.Listen.TLS == nil) || old.Listen.TLS != nil && *old.Listen.TLS != *new.Listen.TLS,
		"admin.address":           old.Admin.Address != new.Admin.Address,
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
