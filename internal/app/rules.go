package app

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"tollgate"
	"tollgate/internal/journal"
	"tollgate/internal/policy/budget"
	"tollgate/internal/policy/limit"
	"tollgate/internal/preview"
	"tollgate/internal/store"
)

// rules puts what the register says of money and pace in force, and answers
// for it.
type rules struct {
	store    *store.Store
	journal  string // the folder of the journals
	budgets  *budget.Keeper
	limits   *limit.Limiter
	previews *preview.Ledger
	log      *slog.Logger

	turn      sync.Mutex // one reading at a time; whoever holds it owns following
	following bool
	over      context.Context
	end       context.CancelFunc
	loops     sync.WaitGroup
}

func newRules(s *store.Store, journals string, zone *time.Location, log *slog.Logger) *rules {
	r := &rules{
		store: s, journal: journals, budgets: budget.New(zone, time.Now), limits: limit.New(time.Now),
		previews: &preview.Ledger{Store: s, Zone: zone}, log: log,
	}
	r.over, r.end = context.WithCancel(context.Background())
	return r
}

// load puts the rules in force that the register has. From other processes it
// needs to see every request that they have admitted in their journals.
func (r *rules) load(ctx context.Context) error {
	if err := r.LimitsChanged(ctx); err != nil {
		return err
	}
	return r.BudgetsChanged(ctx)
}

// LimitsChanged implements admin.Rules.
func (r *rules) LimitsChanged(ctx context.Context) error {
	r.turn.Lock()
	defer r.turn.Unlock()
	limits, err := r.store.Limits(ctx)
	if err == nil {
		r.limits.Load(limits)
	}
	return err
}

// BudgetsChanged implements admin.Rules. What is spent is what the database
// says, and what the journals say that is not in it yet.
func (r *rules) BudgetsChanged(ctx context.Context) error {
	r.turn.Lock()
	defer r.turn.Unlock()
	reading := r.budgets.Read()
	state, err := r.read(ctx, reading)
	if err != nil {
		reading.Leave()
		return err
	}
	reading.Load(state)
	r.follow()
	return nil
}

// read takes the journals before the database: what leaves them meanwhile is
// found there.
func (r *rules) read(ctx context.Context, reading *budget.Reading) (state budget.State, err error) {
	if state.Budgets, err = r.store.Budgets(ctx); err != nil || len(state.Budgets) == 0 {
		return state, err
	}
	if state.Ended, state.Begun, err = r.journaled(state.Budgets); err != nil {
		return state, err
	}
	ids := reading.Requests()
	for _, each := range state.Ended {
		ids = append(ids, each.ID)
	}
	for _, each := range state.Begun {
		ids = append(ids, each.ID)
	}
	book, err := r.store.BudgetBook(ctx, time.Now(), ids)
	state.Budgets, state.Counters, state.Stored = book.Budgets, book.Counters, book.Stored
	return state, err
}

// journaled are the requests in all journals that any of the budgets is about.
// What cannot be read of them has been told of by whoever found it.
func (r *rules) journaled(budgets []tollgate.Budget) (ended, begun []budget.Journaled, err error) {
	survey, err := journal.Inspect(r.journal)
	if err != nil {
		return nil, nil, err
	}
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
	return ended, begun, err
}

// journaledOf is what budgets have to know of a request, if any counts it.
func journaledOf(x *tollgate.Exchange, budgets []tollgate.Budget) (one budget.Journaled, counts bool) {
	model := tollgate.BareModel(x.Model)
	for i := range budgets {
		if _, counts = budgets[i].Counts(x.Principal, model); counts {
			return budget.Journaled{ID: x.ID, Who: x.Principal, Model: model, At: x.Time, Cost: x.Cost}, true
		}
	}
	return one, false
}

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
	if err != nil && r.over.Err() == nil {
		r.log.Warn("it is not known what requests of the process before have cost; what was held for them still is, and it is tried again", "cause", err)
	}
	r.budgets.SettleOthers(costs)
	r.following = len(r.budgets.Others()) > 0
	return r.following
}

// stop ends what is done by itself.
func (r *rules) stop() {
	r.end()
	r.loops.Wait()
}

// BudgetStates implements admin.Rules.
func (r *rules) BudgetStates(id string) []tollgate.BudgetState { return r.budgets.States(id) }

// PreviewBudget implements admin.Rules.
func (r *rules) PreviewBudget(ctx context.Context, b tollgate.Budget, since, until time.Time) (tollgate.Preview, error) {
	return r.previews.Budget(ctx, b, since, until)
}

// PreviewLimit implements admin.Rules.
func (r *rules) PreviewLimit(ctx context.Context, l tollgate.Limit, since, until time.Time) (tollgate.Preview, error) {
	return r.previews.Limit(ctx, l, since, until)
}
