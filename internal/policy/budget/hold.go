package budget

import "tollgate"

// Hold is the money that is held for one request. It belongs to the goroutine
// that serves the request and ends with Settle. The zero Hold holds nothing.
type Hold struct {
	keeper *Keeper
	entry  *entry
}

// Amount is the most that is held in any budget: what the journal notes, and
// what the request is said to have cost if its gateway dies.
func (h *Hold) Amount() tollgate.Money {
	if h.entry == nil {
		return 0
	}
	h.keeper.mu.Lock()
	defer h.keeper.mu.Unlock()
	return h.entry.largest()
}

// Likely is what an expected budget holds for the request, if it has that much.
func (h *Hold) Likely() tollgate.Money {
	if h.entry == nil {
		return 0
	}
	return h.entry.Expected // is not changed
}

// Most is the most that the request can cost, with all its attempts so far.
func (h *Hold) Most() tollgate.Money {
	if h.entry == nil {
		return 0
	}
	h.keeper.mu.Lock()
	defer h.keeper.mu.Unlock()
	return h.entry.exposure()
}

// Again holds money for one more attempt, when the one before may be billed. A
// strict budget must have room for the most that it can cost; the error is that
// of Admit, and then the attempt must not be made.
func (h *Hold) Again() error {
	if h.entry == nil {
		return nil
	}
	k, e := h.keeper, h.entry
	now := k.now()
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, s := range e.stakes {
		if s.strict && e.Most > s.left(now) {
			return k.refusal(s.counter, e, now)
		}
	}
	e.release()
	e.attempts++
	for i := range e.stakes {
		if s := &e.stakes[i]; s.strict {
			s.amount += e.Most
		}
	}
	e.hold()
	return nil
}

// Settle replaces what is held by what the request has cost, which is nothing
// for one that was never sent. Only the first call counts. What was settled is
// in the journal already, so that whoever reads that finds it there or here.
func (h *Hold) Settle(cost tollgate.Money) {
	if h.entry == nil {
		return
	}
	k, e := h.keeper, h.entry
	h.entry = nil
	k.mu.Lock()
	defer k.mu.Unlock()
	e.settle(cost)
	k.open.remove(e)
	if k.reading != nil {
		k.reading.end(e.ID, cost)
	}
	k.give(e)
}

func (e *entry) settle(cost tollgate.Money) {
	e.release()
	e.pay(cost)
}

func (e *entry) pay(cost tollgate.Money) {
	for _, s := range e.stakes {
		s.spent = s.spent.Plus(cost)
	}
}

// Fullest is the state of the budget that the largest part is spent of, among
// those that the request is paid from.
func (h *Hold) Fullest() (state tollgate.BudgetState, any bool) {
	if h.entry == nil {
		return state, false
	}
	k := h.keeper
	now := k.now()
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, s := range h.entry.stakes {
		if other := s.state(now); !any || other.Utilisation() > state.Utilisation() {
			state, any = other, true
		}
	}
	return state, any
}
