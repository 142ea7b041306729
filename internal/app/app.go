// Package app puts the parts together: it builds each from its own
// configuration, in the order in which they need each other, and takes them
// down in the reverse. It decides nothing about a request.
package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"tollgate"
	"tollgate/internal/admin"
	"tollgate/internal/config"
	"tollgate/internal/handover"
	"tollgate/internal/identity"
	"tollgate/internal/journal"
	"tollgate/internal/observe"
	"tollgate/internal/policy/recent"
	"tollgate/internal/proxy"
	"tollgate/internal/route"
	"tollgate/internal/store"
	"tollgate/internal/tokenexchange"
	"tollgate/internal/upstream/capability"
)

// Options are what a surface adds to the configuration.
type Options struct {
	Version string
	Log     *slog.Logger
	// Watch, if set, is shown every finished exchange. It must not change it.
	Watch func(*tollgate.Exchange)
	// Takeover asks the gateway that runs on the data folder to hand over.
	Takeover bool
	// Sockets are those that a supervisor has opened. They become the App's.
	Sockets []*handover.Listener
	// Reread reads the configuration again, for an administrator who asks for
	// it; nil: it cannot be.
	Reread func() (*config.Config, error)

	disk journal.Disk // of the journal; nil: the local one
}

// App is a running gateway.
type App struct {
	Address  string // where the data plane listens, host:port
	URL      string // the same, for a browser or a client
	AdminURL string // of the admin API over the network; empty when it is not there
	Socket   string // the admin socket

	log       *slog.Logger
	folder    *folder
	store     *store.Store
	journal   *journal.Journal
	auditor   *auditor
	keys      *identity.Directory
	touched   *toucher
	tracer    *observe.Tracer
	metrics   *observe.Metrics
	figures   http.Handler // answers scrapes
	traffic   *route.Traffic
	lessons   *capability.Book // what upstreams were found not to accept
	proxy     *proxy.Proxy
	rules     *rules
	teller    *teller
	sinks     *sinks
	retirer   *retirer
	pruner    *pruner
	exchanger *tokenexchange.Exchanger
	bodies    bodies
	service   *admin.Service
	servers   servers
	changes   changes

	security   *tls.Config     // nil: no TLS
	claim      *handover.Claim // to what another process holds; nil: none
	succession succession
	pulse      pulse

	storeBound time.Duration

	reread  func() (*config.Config, error)
	started *config.Config // what the listeners and the folder were opened with

	checking  sync.Mutex // held while an upstream is checked
	reloading sync.Mutex
	config    *config.Config // what is in force
	snapshot  *proxy.Snapshot
}

// Start builds the gateway and begins to serve. What it says when it cannot is
// a sentence for whoever started it. ctx bounds the start alone.
func Start(ctx context.Context, c *config.Config, options Options) (app *App, err error) {
	a := &App{log: options.Log, traffic: route.NewTraffic(time.Now), lessons: capability.NewBook(time.Now), storeBound: storeBound, reread: options.Reread, started: c, config: c}
	running := a.servers.begin()
	a.succession.begin(predecessor{a})
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
	if err = a.enter(ctx, options.Takeover); err != nil {
		return nil, err
	}
	if err = a.openStore(ctx, options.disk); err != nil {
		return nil, err
	}
	if a.security, err = newTLS(c.Listen.TLS, time.Now, a.log); err != nil {
		return nil, err
	}
	if a.snapshot, err = newSnapshot(c, a.lessons, time.Now, a.log); err != nil {
		return nil, err
	}
	a.tracer = newTracer(c, options.Version, a.log)
	a.metrics, a.figures = a.newMetrics(options.Version)
	a.rules = newRules(a.store, a.journal, a.folder.file(journal.Name), c.Organization.TimeZone.Location(), a.log)
	a.teller = a.newTeller(c)
	a.sinks = a.newSinks(c, options.Version)
	a.bodies = a.newBodies(c)
	a.retirer = a.newRetirer(c)
	a.pruner = a.newPruner()
	a.proxy = a.newProxy(running, options.Watch)
	a.putInForce(c, a.snapshot)
	a.service = admin.NewService(a.store, a.newLedger(), a.keys, governed{a.rules, a.teller}, c.Organization.TimeZone.Location(), time.Now, a.log).WithFleet(fleet{a}).WithBodies(a.bodies).WithEvidence(a.evidence())
	a.proxy.Issuer = issuer{a.service, a.auditor.refusals, &a.changes}
	a.exchanger = a.newExchanger(c)
	a.proxy.Tokens = a.changes.guardIssue(a.exchanger)
	if err = a.open(ctx, c, options.Sockets); err != nil {
		return nil, err
	}
	a.proxy.Alive = a.Alive
	a.proxy.SetReady(true)
	a.serve(c, options.Version)
	a.auditor.begin(ctx, a.claim == nil, object("version", options.Version, "configuration", c.Digest))
	a.teller.begin()
	a.sinks.begin()
	a.retirer.begin()
	a.pruner.begin()
	a.relieve()
	return a, nil
}

// open opens the listeners. From inherit on this process alone holds the data
// folder, and what is in it is as the process before it has left it: that one
// admits nothing any more, and every request that it has admitted is in its
// journal as an opened record, or in the database. What is counted from both is
// whole.
func (a *App) open(ctx context.Context, c *config.Config, opened sockets) error {
	opened, err := given(opened, map[string]string{dataPlane: c.Listen.Address, adminAddress: c.Admin.Address})
	if err != nil {
		return err
	}
	inherited, err := a.inherit(ctx)
	if err == nil {
		err = a.takeRegister(ctx)
	}
	if err != nil {
		inherited.close()
		return err
	}
	if len(opened) > 0 {
		inherited = inherited.ours() // the supervisor has passed its own anew
	}
	return a.listen(c, append(opened, inherited...))
}

// takeRegister takes keys, budgets, limits and sessions into memory, and leaves in the
// database what whoever opens it next has to know.
func (a *App) takeRegister(ctx context.Context) error {
	if err := a.loadKeys(ctx); err != nil {
		return err
	}
	if err := a.store.SetTimeZone(ctx, a.config.Organization.TimeZone.Location().String()); err != nil {
		return err
	}
	a.restoreSessions(ctx)
	return a.rules.load(ctx)
}

// openStore opens the database and the journal.
func (a *App) openStore(ctx context.Context, disk journal.Disk) (err error) {
	if a.store, err = store.Open(ctx, a.folder.file(store.File)); err != nil {
		return err
	}
	if err = a.openAudit(ctx); err != nil {
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
	if err = a.checkPepper(ctx); err != nil {
		return err
	}
	a.store.KeepLogShort(store.LogBound, a.log)
	a.journal, err = journal.Open(a.folder.file(journal.Name), journal.Options{Config: a.config.Journal, Ledger: a.store, Log: a.log, Now: time.Now, Disk: disk})
	if err != nil {
		return err
	}
	a.touched = touch(a.store, a.journal, a.keys, a.log)
	return nil
}

// pepperProbe is what the check of the pepper is a hash of. It is no key.
const pepperProbe = "tollgate pepper check"

// checkPepper finds out whether the pepper is the one that the keys need.
func (a *App) checkPepper(ctx context.Context) error {
	err := a.store.CheckPepper(ctx, a.keys.Hash(pepperProbe))
	switch {
	case err == nil:
		return nil
	case tollgate.IsKind(err, tollgate.Conflict):
		return fmt.Errorf("%s: %w", a.folder.file(pepperFile), err)
	default:
		return fmt.Errorf("%s: %w", a.folder.file(store.File), err)
	}
}

// newProxy makes the data plane, which serves nothing yet.
func (a *App) newProxy(running context.Context, watch func(*tollgate.Exchange)) *proxy.Proxy {
	return &proxy.Proxy{
		Identity: doorkeeper{a.keys, a.auditor.refusals}, Budgets: a.rules.budgets, Limits: a.rules.limits, Recent: recent.New(), Traffic: a.traffic, Journal: a.journal, Bodies: a.bodies, Record: a.recorder(watch), Refused: a.metrics.Refused, Trace: a.tracer.Join,
		Now: time.Now, Log: a.log, Running: running,
	}
}

// recorder is whom every finished exchange is shown to: all records of a request
// are projections of this one value.
func (a *App) recorder(watch func(*tollgate.Exchange)) func(*tollgate.Exchange) {
	return func(x *tollgate.Exchange) {
		a.metrics.Observe(x)
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
	a.newLedger().CatchUp(ctx)
	rows, _, err := a.store.Requests(ctx, query)
	return rows, err
}
