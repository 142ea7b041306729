package budget

import (
	"slices"
	"time"

	"tollgate"
)

// States are where the budgets stand now, or the one with this id: one state
// for each that is shared, and one for each member who has spent anything. Each
// is of one moment; of many they are not all of the same.
func (k *Keeper) States(id string) []tollgate.BudgetState {
	now := k.now()
	counters := k.current(id, now)
	states := make([]tollgate.BudgetState, 0, len(counters))
	for some := range slices.Chunk(counters, statesAtOnce) {
		states = k.appendStates(states, some, now)
	}
	return states
}

// statesAtOnce is for how many states requests have to wait.
const statesAtOnce = 1_000

// current are the counters of the windows that run.
func (k *Keeper) current(id string, now time.Time) (counters []*counter) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, r := range k.book.rules {
		switch {
		case id != "" && r.ID != id:
		case !r.Each:
			counters = append(counters, r.counter(tollgate.Scope{}, now))
		default:
			for _, c := range r.counters {
				if c.covers(now.UnixMicro()) {
					counters = append(counters, c)
				}
			}
		}
	}
	return counters
}

func (k *Keeper) appendStates(states []tollgate.BudgetState, of []*counter, now time.Time) []tollgate.BudgetState {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, c := range of {
		states = append(states, c.state(now))
	}
	return states
}

// Of are the states of all budgets that a principal's requests may be paid
// from, whatever the model.
func (k *Keeper) Of(who tollgate.Principal) (states []tollgate.BudgetState) {
	now := k.now()
	k.mu.Lock()
	defer k.mu.Unlock()
	seats := k.book.caller(&who).seats
	for i := range seats {
		states = append(states, seats[i].at(now.UnixMicro()).state(now))
	}
	return states
}

// Concern says whether any budget may be about a principal's requests.
func (k *Keeper) Concern(who tollgate.Principal) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.book.rules) > 0 && len(k.book.caller(&who).seats) > 0
}

// Holds is how many requests of this process hold money.
func (k *Keeper) Holds() (n int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for e := k.open.first; e != nil; e = e.next {
		n++
	}
	return n
}
