package preview

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"tollgate"
)

// tally counts what would have happened to whom.
type tally struct {
	zone       *time.Location
	callers    map[tollgate.Scope]*caller
	requests   int64
	saved      tollgate.Money
	first      time.Time // arrival of the first request in the ledger's span
	covered    int64     // requests of the scope that were sent
	turnedAway int64     // requests that the rule is about and others refused at the time
}

// caller is what would have happened to one of them.
type caller struct {
	tollgate.PreviewRefusal
	day string // of the last one
}

func newTally(zone *time.Location) tally {
	return tally{zone: zone, callers: map[tollgate.Scope]*caller{}}
}

// see notes that the ledger has the request.
func (t *tally) see(x *tollgate.Exchange) {
	if t.first.IsZero() {
		t.first = x.Time
	}
}

// count adds a request that has met the gate. They come in order.
func (t *tally) count(x *tollgate.Exchange, refused bool) {
	t.requests++
	c := t.caller(x.Principal)
	c.Requests++
	if refused {
		t.saved = t.saved.Plus(x.Cost)
		c.refuse(x.Time, t.zone)
	}
}

func (t *tally) caller(who tollgate.Principal) *caller {
	whom := tollgate.Scope{Kind: tollgate.ScopeOrg}.Member(who)
	c := t.callers[whom]
	if c == nil {
		c = &caller{PreviewRefusal: tollgate.PreviewRefusal{Whom: whom}}
		t.callers[whom] = c
	}
	return c
}

func (c *caller) refuse(at time.Time, zone *time.Location) {
	if c.Refused++; c.Refused == 1 {
		c.First = at
	}
	c.Last = at
	if day := at.In(zone).Format(time.DateOnly); day != c.day {
		c.day = day
		c.Days++
	}
}

// preview is the sum of it all.
func (t *tally) preview() tollgate.Preview {
	p := tollgate.Preview{Requests: t.requests, Saved: t.saved}
	for _, c := range t.callers {
		if c.Refused > 0 {
			p.Refused += c.Refused
			p.Refusals = append(p.Refusals, c.PreviewRefusal)
		}
	}
	slices.SortFunc(p.Refusals, func(a, b tollgate.PreviewRefusal) int {
		return cmp.Or(-cmp.Compare(a.Refused, b.Refused), cmp.Compare(a.Whom.String(), b.Whom.String()))
	})
	return p
}

// notes say what the ledger lacks. older says that it has requests from before.
func (t *tally) notes(scope tollgate.Scope, older bool) (notes []string) {
	note := func(format string, args ...any) { notes = append(notes, fmt.Sprintf(format, args...)) }
	switch {
	case t.covered == 0:
		note("In that time the ledger has no request of %s that came to a provider.", scope.Phrase())
	case t.requests == 0:
		note("In that time the ledger has requests of %s, but none that the rule is about.", scope.Phrase())
	}
	if !older && !t.first.IsZero() {
		note("The ledger begins on %s; of the time before it knows nothing.", t.first.In(t.zone).Format(time.DateOnly))
	}
	if t.turnedAway > 0 {
		note("Requests that were refused at the time, by the rules that were in force, are not counted, since nobody knows what they would have consumed: %d.", t.turnedAway)
	}
	return notes
}
