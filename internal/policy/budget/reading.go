package budget

import (
	"maps"
	"slices"
	"time"

	"tollgate"
)

// Reading is the time in which somebody reads from the ledger what is spent,
// while requests go on. It remembers which requests were under way at any
// moment of it, so that each of them is counted once: by what was read, or
// here.
type Reading struct {
	keeper *Keeper
	seen   map[string]*sighting // by request
}

// sighting is a request that was under way during a reading.
type sighting struct {
	Ask
	entry *entry // nil: it has ended
	cost  tollgate.Money
}

// Read begins a reading. It ends with Load or Leave; only one may be under way.
func (k *Keeper) Read() *Reading {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.reading = &Reading{keeper: k, seen: map[string]*sighting{}}
	for e := k.open.first; e != nil; e = e.next {
		k.reading.begin(e)
	}
	return k.reading
}

// Leave ends a reading that came to nothing. The keeper goes on as before. After
// Load it does nothing.
func (r *Reading) Leave() {
	r.keeper.mu.Lock()
	defer r.keeper.mu.Unlock()
	if r.keeper.reading == r {
		r.keeper.reading = nil
	}
}

func (r *Reading) begin(e *entry) { r.seen[e.ID] = &sighting{Ask: e.Ask, entry: e} }

func (r *Reading) end(id string, cost tollgate.Money) {
	s := r.seen[id]
	s.entry, s.cost = nil, cost
}

// Requests are the ids of those that were under way so far. Whoever reads the
// ledger asks for them once it is fixed what the ledger says: what begins later
// is not in it.
func (r *Reading) Requests() []string {
	r.keeper.mu.Lock()
	defer r.keeper.mu.Unlock()
	return slices.Collect(maps.Keys(r.seen))
}

// State is what was read.
type State struct {
	Budgets  []tollgate.Budget
	Counters []tollgate.BudgetCounter
	// Stored says of every request that is named here or was under way whether
	// the counters have it.
	Stored map[string]bool
	// Ended and Begun are the requests in the journals of all processes. One
	// that has ended may be in both, and one that was sent again more than once
	// in Begun.
	Ended, Begun []Journaled
}

// Journaled is a request as a journal has it.
type Journaled struct {
	ID    string
	Who   tollgate.Principal
	Model string // its bare name
	At    time.Time
	// Cost is what it has cost or, while it is under way, will be said to have
	// cost if its process dies.
	Cost tollgate.Money
	// Likely and Most are, while it is under way, what it will cost and what it
	// can cost at most.
	Likely, Most tollgate.Money
}

func (j Journaled) ask() Ask {
	return Ask{ID: j.ID, Who: j.Who, Model: j.Model, At: j.At, Expected: min(j.Likely, mostMoney), Most: min(max(j.Most, j.Cost), mostMoney)}
}

// Load puts what was read in force and ends the reading. Requests under way
// are held for, also in budgets that are new, be it that there is room or not.
func (r *Reading) Load(state State) {
	k := r.keeper
	next := newBook(state.Budgets, state.Counters, k.zone)
	k.mu.Lock()
	defer k.mu.Unlock()
	ended := map[string]bool{}
	for _, x := range state.Ended {
		if !ended[x.ID] && !state.Stored[x.ID] && r.seen[x.ID] == nil {
			next.spend(x.ask(), x.Cost)
		}
		ended[x.ID] = true
	}
	k.others = map[string]*entry{}
	for _, x := range state.Begun {
		if !ended[x.ID] && !state.Stored[x.ID] && r.seen[x.ID] == nil {
			k.others[x.ID] = next.holdFor(x, k.others[x.ID])
		}
	}
	for id, s := range r.seen {
		next.adopt(s, state.Stored[id])
	}
	k.book, k.reading = next, nil
}

// adopt counts a request that was under way. stored says that the counters have
// what it cost.
func (b *book) adopt(s *sighting, stored bool) {
	switch e := s.entry; {
	case e == nil && !stored:
		b.spend(s.Ask, s.cost)
	case e != nil:
		clear(e.stakes)
		e.stakes = e.stakes[:0]
		if !stored {
			b.place(e)
			e.claim()
		}
	}
}

// spend counts what a request has cost.
func (b *book) spend(ask Ask, cost tollgate.Money) {
	e := &entry{Ask: ask}
	b.place(e)
	e.pay(cost)
}

// holdFor holds what another process holds for a request, in place of what it
// held for the attempt before.
func (b *book) holdFor(x Journaled, before *entry) *entry {
	if before != nil {
		before.release()
	}
	e := &entry{Ask: x.ask()}
	b.place(e)
	e.claim()
	return e
}

// claim holds as much as the request needs, whether there is room or not.
func (e *entry) claim() {
	for i := range e.stakes {
		s := &e.stakes[i]
		s.amount = e.Expected
		if s.strict {
			s.amount = e.exposure()
		}
	}
	e.hold()
}

// Others are the requests of other processes that are held for.
func (k *Keeper) Others() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Collect(maps.Keys(k.others))
}

// SettleOthers replaces what is held for requests of other processes by what
// they have cost.
func (k *Keeper) SettleOthers(costs map[string]tollgate.Money) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for id, cost := range costs {
		if e := k.others[id]; e != nil {
			e.settle(cost)
			delete(k.others, id)
		}
	}
}
