package store

import (
	"context"
	"time"

	"tollgate"
)

// RequestsBetween shows the rows of requests that arrived from since on and
// before until to visit, in the order in which they arrived, so many at a time.
// A zero time does not bound. Between two visits the database is let go, as with
// Slices. What visit returns other than nil ends it.
func (s *Store) RequestsBetween(ctx context.Context, since, until time.Time, rows int, visit func([]*tollgate.Exchange) error) error {
	for from := firstBefore(since); ; {
		some, err := s.requestsAfter(ctx, from, since, until, rows)
		if err != nil || len(some) == 0 {
			return err
		}
		if err := visit(some); err != nil || len(some) < rows {
			return err
		}
		from = some[len(some)-1].ID
	}
}

// firstBefore is an id before those of requests that arrived from since on.
func firstBefore(since time.Time) string {
	if since.IsZero() {
		return ""
	}
	return tollgate.FirstRequestID(since.Add(-drift))
}

// requestsAfter bounds the id once only, so that the index begins there.
func (s *Store) requestsAfter(ctx context.Context, from string, since, until time.Time, rows int) ([]*tollgate.Exchange, error) {
	chosen, err := chosenRows(time.Time{}, until, nil)
	if err != nil {
		return nil, err
	}
	chosen.and("id > ?", from)
	if !since.IsZero() {
		chosen.and("time >= ?", micros(since))
	}
	return find(ctx, s.read, scanRequest, selectRequest+chosen.where()+" ORDER BY id LIMIT ?", append(chosen.args, rows)...)
}

// SpentBetween is what a budget would have been charged for the requests that
// arrived from since on and before until, by its windows in zone and members,
// whether the register has the budget or not.
func (s *Store) SpentBetween(ctx context.Context, budget tollgate.Budget, zone *time.Location, since, until time.Time) ([]tollgate.BudgetCounter, error) {
	budget.CreatedAt = time.Time{} // it counts what came before it
	every := &rules{zone: zone, windows: map[tollgate.Period]window{}}
	chosen, err := chosenRows(since, until, nil)
	if err != nil {
		return nil, err
	}
	t, err := every.only(budget).tallyRows(ctx, s.read, chosen)
	return t.counters(), err
}
