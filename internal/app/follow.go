package app

import "time"

// followEvery is how often the database is asked for rows of other processes.
const followEvery = 200 * time.Millisecond

// follow settles what is held for requests of other processes as soon as they
// have their rows. The turn is held.
func (r *rules) follow() {
	if r.following || len(r.budgets.Others()) == 0 || r.over.Err() != nil {
		return
	}
	r.following = true
	r.loops.Go(func() {
		tick := time.NewTicker(followEvery)
		defer tick.Stop()
		for r.settleOthers() {
			select {
			case <-tick.C:
			case <-r.over.Done():
				return
			}
		}
	})
}

// settleOthers says whether there is anybody left to be asked for.
func (r *rules) settleOthers() bool {
	r.turn.Lock()
	defer r.turn.Unlock()
	costs, err := r.store.Settled(r.over, r.budgets.Others())
	if failing := err != nil && r.over.Err() == nil; failing && !r.failing {
		r.log.Warn("it is not known what requests of another process have cost; what was held for them still is, and it is tried again", "cause", err)
	}
	r.failing = err != nil
	r.budgets.SettleOthers(costs)
	r.following = len(r.budgets.Others()) > 0
	return r.following
}
