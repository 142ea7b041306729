package budget

import (
	"time"

	"tollgate"
)

// book is the budgets in force, by scope, with their counters.
type book struct {
	rules   []*rule
	by      map[tollgate.Scope][]*rule
	callers map[string]*caller // by key
}

// rule is a budget and its counters.
type rule struct {
	tollgate.Budget
	zone       *time.Location
	start, end time.Time // the window that was asked for last
	counters   map[place]*counter
}

// place is where a counter is found.
type place struct {
	member tollgate.Scope
	start  int64 // of the window, in Unix microseconds
}

func newBook(budgets []tollgate.Budget, counters []tollgate.BudgetCounter, zone *time.Location) *book {
	b := &book{by: map[tollgate.Scope][]*rule{}, callers: map[string]*caller{}}
	byID := make(map[string]*rule, len(budgets))
	for _, each := range budgets {
		r := &rule{Budget: each, zone: zone, counters: map[place]*counter{}}
		b.rules = append(b.rules, r)
		b.by[each.Scope] = append(b.by[each.Scope], r)
		byID[each.ID] = r
	}
	for _, each := range counters {
		if r := byID[each.Budget]; r != nil {
			c := r.newCounter(each.Member, each.Start, each.End)
			c.spent = each.Spent
			r.counters[place{each.Member, c.from}] = c
		}
	}
	return b
}

// counter finds or makes the one whose window a moment lies in.
func (r *rule) counter(member tollgate.Scope, at time.Time) *counter {
	start, end := r.window(at)
	where := place{member, start.UnixMicro()}
	c := r.counters[where]
	if c == nil {
		c = r.newCounter(member, start, end)
		r.counters[where] = c
	}
	return c
}

// keepOld is how long before the window that is over a counter's must have
// ended to be forgotten: somebody may still be sending a request that arrived in
// it, and a clock that was wrong comes back.
const keepOld = 2 * time.Hour

// window is that of a moment. Most of the time it is the last one again.
func (r *rule) window(at time.Time) (start, end time.Time) {
	if r.Period == tollgate.PeriodTotal || !at.Before(r.start) && at.Before(r.end) {
		return r.start, r.end
	}
	start, end = r.Period.Window(at, r.zone)
	if start.After(r.start) {
		r.forget(r.start.Add(-keepOld))
		r.start, r.end = start, end
	}
	return start, end
}

// forget lets counters go whose windows ended before that, and in which nobody
// has a stake.
func (r *rule) forget(before time.Time) {
	for where, c := range r.counters {
		if c.end.Before(before) && c.held == 0 && c.exposed == 0 {
			delete(r.counters, where)
		}
	}
}
