package app

import (
	"context"
	"errors"
	"slices"
	"time"

	"tollgate"
	"tollgate/internal/journal"
	"tollgate/internal/policy/budget"
)

// read takes what this process has in memory alone, then the journals, then the
// database: what moves on meanwhile is found where it has gone.
func (r *rules) read(ctx context.Context, reading *budget.Reading) (state budget.State, err error) {
	if state.Budgets, err = r.store.Budgets(ctx); err != nil || len(state.Budgets) == 0 {
		return state, err
	}
	if state.Ended, state.Begun, err = r.journaled(state.Budgets); err != nil {
		return state, err
	}
	book, err := r.store.BudgetBook(ctx, time.Now(), func() []string {
		ids := reading.Requests()
		for _, each := range slices.Concat(state.Ended, state.Begun) {
			ids = append(ids, each.ID)
		}
		return ids
	})
	state.Budgets, state.Counters, state.Stored = book.Budgets, book.Counters, book.Stored
	return state, err
}

// journaled are the requests in all journals that any of the budgets is about.
// What cannot be read of them has been told of by whoever found it.
func (r *rules) journaled(budgets []tollgate.Budget) (ended, begun []budget.Journaled, err error) {
	for _, x := range r.journal.Kept() {
		if one, counts := journaledOf(x, budgets); counts {
			ended = append(ended, one)
		}
	}
	for range mostSurveys {
		survey, err := journal.Inspect(r.journals)
		if err != nil {
			return nil, nil, err
		}
		found := len(ended)
		_, err = survey.Read(func(p journal.Passage) error {
			one, counts := journaledOf(p.Request, budgets)
			switch {
			case !counts || p.Quarantined():
			case p.Closed:
				ended = append(ended, one)
			default:
				begun = append(begun, one)
			}
			return nil
		})
		if err != nil || !survey.Outdated {
			return ended, begun, err
		}
		ended, begun = ended[:found], nil // all of it again
	}
	return nil, nil, errRestless
}

// mostSurveys is how often the journals are read when one of their segments is
// cleared away meanwhile, which happens every 16 MB.
const mostSurveys = 10

var errRestless = errors.New("the journals change faster than they can be read")

// journaledOf is what budgets have to know of a request, if any counts it.
func journaledOf(x *tollgate.Exchange, budgets []tollgate.Budget) (one budget.Journaled, counts bool) {
	model := tollgate.BareModel(x.Model)
	for i := range budgets {
		if _, counts = budgets[i].Counts(x.Principal, model); counts {
			return budget.Journaled{ID: x.ID, Who: x.Principal, Model: model, At: x.Time, Cost: x.Cost, Likely: x.Likely, Most: x.Most}, true
		}
	}
	return one, false
}
