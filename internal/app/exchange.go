package app

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"tollgate"
	"tollgate/internal/admin"
	"tollgate/internal/config"
	"tollgate/internal/identity"
	"tollgate/internal/store"
	"tollgate/internal/tokenexchange"
)

// tokenRefused is recorded of pipelines whose token got no key.
const tokenRefused tollgate.AuditAction = "token.refuse"

// newExchanger makes what gives pipelines keys for their platform's tokens.
func (a *App) newExchanger(c *config.Config) *tokenexchange.Exchanger {
	e := tokenexchange.New(tokenexchange.Options{
		Register: a.store, Keys: a.keys, Now: time.Now, Log: a.log,
		Told: func(issuer, _, outcome string) {
			a.metrics.Exchanged(issuer, outcome)
			if outcome != tokenexchange.Issued {
				a.auditor.refusals.count(refusal{action: tokenRefused, key: issuer, why: outcome})
			}
		},
	})
	e.Configure(c.TokenExchange)
	return e
}

// guardIssue answers in the words of OAuth while keys are given by another process.
func (c *changes) guardIssue(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !c.begin() {
			tokenexchange.Refuse(w, http.StatusServiceUnavailable, "temporarily_unavailable", "this gateway is being restarted; ask again", time.Second)
			return
		}
		defer c.under.Done()
		next.ServeHTTP(w, r)
	})
}

// issuer gives developers keys, has counted who came with an invitation that opens
// nothing, and gives none while another process may.
type issuer struct {
	service  *admin.Service
	refusals *refusals
	changes  *changes
}

// Enroll implements proxy.Issuer.
func (i issuer) Enroll(ctx context.Context, code string) (given tollgate.Enrollment, err error) {
	if !i.changes.begin() {
		return given, errPassedOn
	}
	defer i.changes.under.Done()
	given, err = i.service.Enroll(ctx, code)
	if tollgate.IsKind(err, tollgate.Unauthenticated) {
		i.refusals.count(refusal{action: keyRefused, why: "invitation"})
	}
	return given, err
}

// Renew implements proxy.Issuer.
func (i issuer) Renew(ctx context.Context, key string) (given tollgate.Enrollment, err error) {
	if !i.changes.begin() {
		return given, errPassedOn
	}
	defer i.changes.under.Done()
	return i.service.Renew(ctx, key)
}

// pruner removes the keys of pipelines whose time has long been over, while this
// process holds the data folder.
type pruner struct {
	shift
	store *store.Store
	keys  *identity.Directory
	now   func() time.Time
	log   *slog.Logger
}

// keysKept is how long an expired key of a pipeline can still be looked up;
// pruneInterval is how often is looked for older ones.
const (
	keysKept      = 7 * 24 * time.Hour
	pruneInterval = time.Hour
)

func (a *App) newPruner() *pruner {
	p := &pruner{store: a.store, keys: a.keys, now: time.Now, log: a.log}
	p.work = p.run
	return p
}

func (p *pruner) run(ctx context.Context) {
	for tick := time.NewTicker(pruneInterval); ; {
		p.prune(ctx)
		select {
		case <-ctx.Done():
			tick.Stop()
			return
		case <-tick.C:
		}
	}
}

func (p *pruner) prune(ctx context.Context) {
	for ctx.Err() == nil {
		ids, err := p.store.Prune(ctx, p.now(), p.now().Add(-keysKept))
		if err != nil && ctx.Err() == nil {
			p.log.Warn("expired keys of pipelines could not be removed; it is tried again in an hour", "cause", err)
		}
		if len(ids) == 0 {
			return
		}
		p.keys.Forget(ids)
	}
}
