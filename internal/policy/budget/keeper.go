// Package budget is the gate that asks for money. It holds an amount of every
// budget that a request is paid from while nobody knows what the request will
// cost, and replaces it by what it did cost.
//
// The invariant, for every hard budget at any moment: what was admitted last
// left spent + held at or below the limit. A strict budget holds the most that
// a request can cost and is therefore never passed; an expected one is passed
// by no more than what the requests under way cost beyond what was held for
// them.
//
// It keeps no money of its own: what is spent follows from the ledger, which
// the package neither reads nor writes (docs/design/budget.md).
package budget

import (
	"sync"
	"time"

	"tollgate"
)

// Keeper keeps the counters of all budgets. Its methods may be called from any
// goroutine; none of them waits for anything but another's few microseconds.
type Keeper struct {
	zone *time.Location
	now  func() time.Time

	mu      sync.Mutex
	book    *book
	open    entries           // of this process, under way
	others  map[string]*entry // begun by other processes and not known to have ended, by request
	reading *Reading          // under way; nil: none
	free    *entry            // to be used again
}

// New makes a keeper without budgets. Windows follow the calendar of zone.
func New(zone *time.Location, now func() time.Time) *Keeper {
	return &Keeper{zone: zone, now: now, book: newBook(nil, nil, zone)}
}

// Ask is a request that wants to be paid for.
type Ask struct {
	ID    string // of the request
	Who   tollgate.Principal
	Model string    // its bare name
	At    time.Time // its arrival, which says in whose window it is paid
	// Expected is what it will probably cost, Most what it can cost at most.
	// One that is sent again to another upstream may cost Most again.
	Expected, Most tollgate.Money
}

// mostMoney bounds what is held for one request, so that no sum of holds can
// pass the end of what Money holds.
const mostMoney = 1_000_000 * tollgate.Dollar

// Admit holds money for a request in all budgets that it is paid from, or in
// none: then the error is OverBudget, says which one lacks room, and has its
// state. Whoever has a Hold settles it.
func (k *Keeper) Admit(ask Ask) (Hold, error) {
	now := k.now()
	k.mu.Lock()
	defer k.mu.Unlock()
	e := k.take()
	e.Ask = ask
	e.Most = min(max(e.Most, 0), mostMoney)
	e.Expected = min(max(e.Expected, 0), e.Most)
	k.book.place(e)
	if lacking := e.lacking(now); lacking != nil {
		err := k.refusal(lacking, e, now)
		k.give(e)
		return Hold{}, err
	}
	e.hold()
	k.open.add(e)
	if k.reading != nil {
		k.reading.begin(e)
	}
	return Hold{keeper: k, entry: e}, nil
}

// take returns an empty entry.
func (k *Keeper) take() *entry {
	e := k.free
	if e == nil {
		return new(entry)
	}
	k.free, e.next = e.next, nil
	return e
}

// give keeps an entry for later.
func (k *Keeper) give(e *entry) {
	clear(e.stakes)
	*e = entry{stakes: e.stakes[:0], next: k.free}
	k.free = e
}
