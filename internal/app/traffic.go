package app

import (
	"cmp"
	"context"
	"slices"
	"time"

	"tollgate"
	"tollgate/internal/journal"
	"tollgate/internal/route"
)

const (
	// sessionsSince is how long a session is taken to go on after its last request.
	sessionsSince = 7 * 24 * time.Hour
	// sessionRows and sessionsBound keep a start short, however large the ledger is.
	sessionRows   = 100_000
	sessionsBound = 3 * time.Second
)

// restoreSessions tells which upstream has served which session, as the database
// and the journals know it. A start does not fail because of that: a session
// that is not known may go to another upstream, and costs its cache again.
func (a *App) restoreSessions(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, sessionsBound)
	defer cancel()
	journaled, unread := servedByJournal(ctx, a.folder.file(journal.Name))
	stored, err := a.store.Served(ctx, time.Now().Add(-sessionsSince), sessionRows)
	for _, err := range []error{unread, err} {
		if err != nil {
			a.log.Warn("it is not known of every session which upstream has served it; some may go to another one", "cause", err)
		}
	}
	rows := append(stored, journaled...)
	slices.SortStableFunc(rows, func(x, y *tollgate.Exchange) int { return cmp.Compare(x.ID, y.ID) })
	var stays []route.Stay
	for _, x := range rows {
		if stay, served := route.StayOf(x); served {
			stays = append(stays, stay)
		}
	}
	a.traffic.Restore(stays)
}

// servedByJournal are the requests that have ended and may not be in the database
// yet. What is cleared away meanwhile is, and so the journals come first.
func servedByJournal(ctx context.Context, path string) (rows []*tollgate.Exchange, err error) {
	survey, err := journal.Inspect(path)
	if err != nil {
		return nil, err
	}
	_, err = survey.Read(func(p journal.Passage) error {
		if _, served := route.StayOf(p.Request); served && p.Closed && !p.Quarantined() {
			rows = append(rows, p.Request)
		}
		return context.Cause(ctx)
	})
	return rows, err
}

// resting says of each upstream that is configured whether it rests, or one of
// its models does.
func (a *App) resting() map[string]bool {
	c, _ := fleet{a}.inForce()
	all := map[string]bool{}
	for _, upstream := range c.Upstreams {
		all[upstream.Name] = false
	}
	for _, rest := range a.traffic.Resting() {
		if _, configured := all[rest.Upstream]; configured {
			all[rest.Upstream] = true
		}
	}
	return all
}
