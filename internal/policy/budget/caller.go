package budget

import (
	"time"

	"tollgate"
)

// caller is a key and the budgets that its requests are paid from. It is looked
// up once, and not for every request: a request then touches what it changes
// and hardly anything else.
type caller struct {
	owner owner
	seats []seat
}

// owner is whose key it is. It may come to be somebody else's team.
type owner struct{ developer, service, team string }

// seat is a caller's place in one budget.
type seat struct {
	last   *counter // that was used
	models []string // the budget's
	rule   *rule
	member tollgate.Scope
}

// unused covers no moment.
var unused = new(counter)

// caller finds what is known of a principal.
func (b *book) caller(who *tollgate.Principal) *caller {
	owner := owner{who.Developer, who.Service, who.Team}
	known := b.callers[who.Key]
	if known == nil || known.owner != owner {
		known = &caller{owner: owner, seats: b.seats(who)}
		b.callers[who.Key] = known
	}
	return known
}

// seats are the places of a principal, whatever the model.
func (b *book) seats(who *tollgate.Principal) (seats []seat) {
	for _, scope := range [...]tollgate.Scope{
		{Kind: tollgate.ScopeOrg},
		{Kind: tollgate.ScopeTeam, Name: who.Team},
		{Kind: tollgate.ScopeDeveloper, Name: who.Developer},
		{Kind: tollgate.ScopeService, Name: who.Service},
		{Kind: tollgate.ScopeKey, Name: who.Key},
	} {
		for _, r := range b.by[scope] {
			seats = append(seats, seat{last: unused, models: r.Models, rule: r, member: r.MemberOf(*who)})
		}
	}
	return seats
}

// place gives an entry a stake of nothing in every counter that it counts in.
func (b *book) place(e *entry) {
	if len(b.rules) == 0 {
		return
	}
	at := e.At.UnixMicro()
	seats := b.caller(&e.Who).seats
	for i := range seats {
		if s := &seats[i]; len(s.models) == 0 || s.rule.Fits(e.Model) {
			e.stakes = append(e.stakes, stake{counter: s.at(at)})
		}
	}
}

// at is the counter whose window a moment lies in, in Unix microseconds.
func (s *seat) at(moment int64) *counter {
	if !s.last.covers(moment) {
		s.last = s.rule.counter(s.member, time.UnixMicro(moment))
	}
	return s.last
}
