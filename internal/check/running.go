package check

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"tollgate"
)

// How often the counters are held against the running gateway before they are
// said to differ, and how long it is left alone in between: it learns of what
// another process has stored a moment later.
const (
	looks = 5
	pause = 300 * time.Millisecond
)

// compareRunning holds what the running gateway counts against what is stored.
// It knows what requests cost when they end, before their rows are stored. So
// what it said before the journal was flushed is stored afterwards, and what is
// stored it says.
func compareRunning(ctx context.Context, i *inspection, found *findings) error {
	differ, err := i.look(ctx)
	for n := 1; n < looks && err == nil && len(differ) > 0; n++ {
		wait(ctx)
		var again map[account]string
		again, err = i.look(ctx)
		maps.DeleteFunc(again, func(of account, _ string) bool { return differ[of] == "" })
		differ = again
	}
	for _, said := range slices.Sorted(maps.Values(differ)) {
		found.add("%s", said)
	}
	return err
}

func wait(ctx context.Context) {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// look compares once.
func (i *inspection) look(ctx context.Context) (map[account]string, error) {
	before := states(i.States())
	flushed := i.flushed && i.flush(ctx)
	book, err := i.Store.BudgetBook(ctx, i.Now(), nil)
	if err != nil {
		return nil, err
	}
	after, now := states(i.States()), i.Now()
	differ := map[account]string{}
	stored := map[account]tollgate.Money{}
	there := byID(book.Budgets)
	for _, c := range book.Counters {
		stored[accountOf(c)] = c.Spent
		state := after[accountOf(c)]
		if b := there[c.Budget]; b != nil && inForce(c, now) && state.Spent < c.Spent {
			differ[accountOf(c)] = ranOff(b, c, state.Spent, c.Spent)
		}
	}
	for of, state := range before {
		if flushed && stored[of] < state.Spent {
			c := tollgate.BudgetCounter{Member: state.Member, Start: state.Start, End: state.Reset}
			differ[of] = ranOff(state.Budget, c, state.Spent, stored[of])
		}
	}
	return differ, nil
}

func states(all []tollgate.BudgetState) map[account]tollgate.BudgetState {
	by := make(map[account]tollgate.BudgetState, len(all))
	for _, state := range all {
		by[account{state.Budget.ID, state.Member, start(state.Start)}] = state
	}
	return by
}

func inForce(c tollgate.BudgetCounter, now time.Time) bool {
	return c.End.IsZero() || !now.Before(c.Start) && now.Before(c.End)
}

func ranOff(b *tollgate.Budget, c tollgate.BudgetCounter, running, stored tollgate.Money) string {
	return fmt.Sprintf("%s: the gateway that runs says that %s were spent %s, and by what is stored it is %s", told(b, c), running, span(c), stored)
}
