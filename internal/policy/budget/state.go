package budget

import (
	"tollgate"
)

// States are where the budgets stand now, or the one with this id: one state
// for each that is shared, and one for each member who has spent anything.
func (k *Keeper) States(id string) (states []tollgate.BudgetState) {
	now := k.now()
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, r := range k.book.rules {
		if id != "" && r.ID != id {
			continue
		}
		if !r.Each {
			states = append(states, r.counter(tollgate.Scope{}, now).state(now))
			continue
		}
		start, _ := r.window(now)
		for where, c := range r.counters {
			if where.start == start.UnixMicro() {
				states = append(states, c.state(now))
			}
		}
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

// Check says whether a request would be refused that costs next to nothing: the
// error is that of Admit. It holds nothing.
func (k *Keeper) Check(ask Ask) error {
	ask.Expected, ask.Most = 1, 1
	hold, err := k.Admit(ask)
	hold.Settle(0)
	return err
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
