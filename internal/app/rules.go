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
	journal  *journal.Journal // this process's own
	journals string           // the folder of all of them
	budgets  *budget.Keeper
	limits   *limit.Limiter
	previews *preview.Ledger
	log      *slog.Logger

	turn      sync.Mutex // one reading at a time; whoever holds it owns the next two
	following bool
	failing   bool // to find out what has become of others' requests
	over      context.Context
	end       context.CancelFunc
	loops     sync.WaitGroup
}

func newRules(s *store.Store, j *journal.Journal, journals string, zone *time.Location, log *slog.Logger) *rules {
	r := &rules{
		store: s, journal: j, journals: journals, budgets: budget.New(zone, time.Now), limits: limit.New(time.Now),
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
	defer reading.Leave()
	state, err := r.read(ctx, reading)
	if err != nil {
		return err
	}
	reading.Load(state)
	r.follow()
	return nil
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
