// Package preview says what a budget or a limit would have done to requests that
// the ledger has: whom it would have refused, when and how often.
//
// It lets the requests come and end once more, in the order in which they did,
// and asks the gates that the traffic asks. It has no rules of its own, so that
// it cannot say anything else than the gateway would have done; what the ledger
// cannot tell, it says in a sentence (docs/design/preview.md).
//
// It only reads, in memory that grows with the callers and the requests under
// way and not with the ledger, and lets the database go every few rows.
package preview

import (
	"context"
	"errors"
	"sync"
	"time"

	"tollgate"
	"tollgate/internal/store"
)

// Ledger is where the requests come from.
type Ledger struct {
	Store *store.Store
	Zone  *time.Location // where days begin

	turn sync.Mutex
}

// sliceRows are read at a time, at about 2 KB each.
const sliceRows = 1000

// Budget is what the budget would have done to the requests that arrived from
// since on and before until, had it been set at since. What was spent before in
// the same window is spent. One preview runs at a time; another is a Conflict.
func (l *Ledger) Budget(ctx context.Context, b tollgate.Budget, since, until time.Time) (tollgate.Preview, error) {
	return l.alone(func() (tollgate.Preview, error) {
		start, _ := b.Period.Window(since, l.Zone)
		spent, err := l.Store.SpentBetween(ctx, b, l.Zone, start, since)
		if err != nil {
			return tollgate.Preview{}, err
		}
		clock := &clock{since}
		return l.replay(ctx, newReplay(newBudgetTrial(b, spent, l.Zone, clock), clock, l.Zone), since, until)
	})
}

// Limit is the same for a limit, of which nothing is used at since.
func (l *Ledger) Limit(ctx context.Context, limit tollgate.Limit, since, until time.Time) (tollgate.Preview, error) {
	return l.alone(func() (tollgate.Preview, error) {
		clock := &clock{since}
		return l.replay(ctx, newReplay(newLimitTrial(limit, clock), clock, l.Zone), since, until)
	})
}

func (l *Ledger) alone(do func() (tollgate.Preview, error)) (tollgate.Preview, error) {
	if !l.turn.TryLock() {
		return tollgate.Preview{}, tollgate.Errorf(tollgate.Conflict, "another preview is being made; wait until that is done")
	}
	defer l.turn.Unlock()
	return do()
}

// replay has the requests of the ledger come.
func (l *Ledger) replay(ctx context.Context, r *replay, since, until time.Time) (tollgate.Preview, error) {
	err := l.Store.RequestsBetween(ctx, since, until, sliceRows, func(rows []*tollgate.Exchange) error {
		for _, x := range rows {
			r.arrive(x)
		}
		return nil
	})
	if err != nil {
		return tollgate.Preview{}, err
	}
	older, err := l.hasBefore(ctx, since)
	if err != nil {
		return tollgate.Preview{}, err
	}
	r.endUntil(until)
	return r.preview(since, until, older), nil
}

// hasBefore says whether the ledger has any request that arrived before that.
func (l *Ledger) hasBefore(ctx context.Context, since time.Time) (bool, error) {
	errFound := errors.New("there is one")
	err := l.Store.RequestsBetween(ctx, time.Time{}, since, 1, func([]*tollgate.Exchange) error { return errFound })
	if errors.Is(err, errFound) {
		return true, nil
	}
	return false, err
}
