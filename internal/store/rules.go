package store

import (
	"context"
	"strconv"
	"time"

	"tollgate"
)

// rules say which budgets a row is paid from, and in which of their windows.
// They are those of one version of the register.
type rules struct {
	version int64
	zone    *time.Location
	since   time.Time                            // what had ended by then is not counted any more
	budgets map[tollgate.Scope][]tollgate.Budget // by their scope
	windows map[tollgate.Period]window           // the last of each period that was asked for
}

// window is the span of a budget's period that something lies in, both ends
// zero for the total.
type window struct{ start, end time.Time }

// readRules reads them as they are in force.
func readRules(ctx context.Context, from querier) (*rules, error) {
	version, err := numberBy(ctx, from, rulesVersion)
	if err != nil {
		return nil, err
	}
	r := &rules{version: version, budgets: map[tollgate.Scope][]tollgate.Budget{}, windows: map[tollgate.Period]window{}}
	if r.zone, err = zoneOf(ctx, from); err != nil {
		return nil, err
	}
	if r.since, err = countedSinceOf(ctx, from); err != nil {
		return nil, err
	}
	budgets, err := find(ctx, from, scanBudget, selectBudget)
	for _, b := range budgets {
		r.budgets[b.Scope] = append(r.budgets[b.Scope], b)
	}
	return r, err
}

// only is the rules for one budget alone.
func (r *rules) only(b tollgate.Budget) *rules {
	alone := *r
	alone.budgets = map[tollgate.Scope][]tollgate.Budget{b.Scope: {b}}
	return &alone
}

// begin is the first moment whose rows any of the budgets counts.
func (r *rules) begin() (first time.Time) {
	for _, of := range r.budgets {
		for i := range of {
			start, _ := of[i].Period.Window(later(of[i].CreatedAt, r.since), r.zone)
			if start.IsZero() {
				return time.Time{}
			}
			if first.IsZero() || start.Before(first) {
				first = start
			}
		}
	}
	return first
}

// count adds what a row costs to every counter that it is paid from. A budget
// counts in the window of its creation and in those that follow.
func (r *rules) count(into tally, who tollgate.Principal, model string, at time.Time, cost tollgate.Money) {
	for _, scope := range [...]tollgate.Scope{
		{Kind: tollgate.ScopeOrg},
		{Kind: tollgate.ScopeTeam, Name: who.Team},
		{Kind: tollgate.ScopeDeveloper, Name: who.Developer},
		{Kind: tollgate.ScopeService, Name: who.Service},
		{Kind: tollgate.ScopeKey, Name: who.Key},
	} {
		budgets := r.budgets[scope]
		for i := range budgets {
			b := &budgets[i]
			member, counted := b.Counts(who, model)
			if !counted {
				continue
			}
			if w := r.window(b.Period, at); w.end.IsZero() || w.end.After(later(b.CreatedAt, r.since)) {
				into.add(counterKey{b.ID, member, micros(w.start)}, w.end, cost)
			}
		}
	}
}

// tally is what the rows have taken from budgets.
func (r *rules) tally(rows []*tollgate.Exchange) tally {
	t := tally{}
	for _, x := range rows {
		if x.Cost != 0 {
			r.count(t, x.Principal, tollgate.BareModel(x.Model), x.Time, x.Cost)
		}
	}
	return t
}

// window is that of a moment. Most rows lie in the same one as those before.
func (r *rules) window(period tollgate.Period, at time.Time) window {
	if w, known := r.windows[period]; known && (w.end.IsZero() || !at.Before(w.start) && at.Before(w.end)) {
		return w
	}
	start, end := period.Window(at, r.zone)
	r.windows[period] = window{start, end}
	return r.windows[period]
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// renewRules says that the rules have changed to every process that adds rows:
// each looks at the version in every transaction.
func renewRules(ctx context.Context, tx querier) error {
	version, err := numberBy(ctx, tx, rulesVersion)
	if err != nil {
		return err
	}
	return keepSetting(ctx, tx, rulesVersion, strconv.FormatInt(version+1, 10))
}

// zoneOf is the zone in which days begin: UTC until one is noted.
func zoneOf(ctx context.Context, from querier) (*time.Location, error) {
	name, err := settingBy(ctx, from, timeZone)
	if err != nil {
		return nil, err
	}
	return location(name)
}

func location(name string) (*time.Location, error) {
	zone, err := time.LoadLocation(name) // of the empty name it is UTC
	if err != nil {
		return nil, tollgate.Errorf(tollgate.Invalid, "the time zone %q is not known here; name one of the IANA database", name).Because(err)
	}
	return zone, nil
}
