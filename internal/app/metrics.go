package app

import (
	"net/http"

	"tollgate"
	"tollgate/internal/admin"
	"tollgate/internal/config"
	"tollgate/internal/journal"
	"tollgate/internal/meter"
	"tollgate/internal/observe"
	"tollgate/internal/proxy"
)

// newMetrics begins to count. The handler answers scrapes.
func (a *App) newMetrics(version string) (*observe.Metrics, http.Handler) {
	registry := observe.NewRegistry()
	metrics := observe.NewMetrics(registry, version, observe.State{
		Load: a.load, Journal: a.journalState, Traces: a.tracer.Stats,
		Budgets: func() []tollgate.BudgetState { return a.rules.BudgetStates("") }, Resting: a.resting,
		SealedBodies: func() observe.SealedBodies { return bodyFigures(a.bodies.Stats()) },
		AuditLog:     func() observe.AuditLog { return a.auditor.figures() },
		AuditSinks:   func() []tollgate.AuditSink { return a.sinks.States() },
	})
	return metrics, observe.MetricsHandler(registry, a.log)
}

// withMetrics puts /metrics before the admin API, for whoever the
// configuration lets read them.
func (a *App) withMetrics(c *config.Config, authenticate admin.Authenticator, next http.Handler) http.Handler {
	if c.Admin.Metrics == admin.Open {
		authenticate = admin.Anybody()
	}
	return admin.Metrics(a.service, authenticate, a.log, a.figures, next)
}

// knownModels are the names that are worth a label: those of the price book,
// and those that the configuration describes.
func knownModels(c *config.Config, book *meter.Book) func(string) (string, bool) {
	configured := map[string]bool{}
	for _, model := range c.Models {
		configured[model.ID] = true
	}
	return func(name string) (string, bool) {
		if label, ok := book.Label(name); ok {
			return label, true
		}
		bare := tollgate.BareModel(name)
		return bare, configured[bare]
	}
}

// load is what the data plane holds.
func (a *App) load() observe.Load { return loadFigures(a.proxy.Load()) }

// loadFigures are the figures of the data plane's load, in the words of metrics.
func loadFigures(l proxy.Load) observe.Load {
	return observe.Load{Requests: observe.Room(l.Requests), Connections: observe.Room(l.Connections), Bodies: observe.Room(l.BodyBytes)}
}

// journalState is what the journal says of itself.
func (a *App) journalState() observe.Journal { return journalFigures(a.journal.Stats()) }

// journalFigures are the journal's figures, in the words of metrics.
func journalFigures(s journal.Stats) observe.Journal {
	return observe.Journal{
		Open: s.Open, Waiting: s.Waiting, Oldest: s.Oldest, Bytes: s.Bytes, MaxBytes: s.MaxBytes,
		Written: s.Written, Syncs: s.Syncs, Refused: s.Refused, Unrecorded: s.Unrecorded, Lost: s.Lost, Killed: s.Killed, Damaged: s.Damaged,
		Writable: !s.Failing, StoreWritable: !s.StoreFailing,
	}
}
