package admin_test

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"tollgate"
	"tollgate/internal/policy/budget"
	"tollgate/internal/policy/limit"
	"tollgate/internal/store"
)

// rules are those of a data plane without journals, which fails when it is told
// to.
type rules struct {
	store   *store.Store
	budgets *budget.Keeper
	limits  *limit.Limiter
	now     func() time.Time
	fails   atomic.Bool
	reads   atomic.Int64 // of the register

	preview tollgate.Preview // what every preview answers, beside its span
	asked   any              // the rule that the last preview was about
	tests   []tollgate.AlertTest
}

func newRules(kept *store.Store, zone *time.Location, now func() time.Time) *rules {
	return &rules{store: kept, budgets: budget.New(zone, now), limits: limit.New(now), now: now}
}

func (r *rules) read(read func() error) error {
	r.reads.Add(1)
	if r.fails.Load() {
		return tollgate.Errorf(tollgate.Internal, "the disk fails").Because(errors.New("input/output error"))
	}
	return read()
}

func (r *rules) BudgetsChanged(ctx context.Context) error {
	return r.read(func() error {
		reading := r.budgets.Read()
		book, err := r.store.BudgetBook(ctx, r.now(), reading.Requests)
		if err != nil {
			reading.Leave()
			return err
		}
		reading.Load(budget.State{Budgets: book.Budgets, Counters: book.Counters, Stored: book.Stored})
		return nil
	})
}

func (r *rules) LimitsChanged(ctx context.Context) error {
	return r.read(func() error {
		limits, err := r.store.Limits(ctx)
		if err == nil {
			r.limits.Load(limits)
		}
		return err
	})
}

func (r *rules) BudgetStates(id string) []tollgate.BudgetState { return r.budgets.States(id) }

func (r *rules) PreviewBudget(_ context.Context, asked tollgate.Budget, since, until time.Time) (tollgate.Preview, error) {
	r.asked = asked
	return r.previewed(since, until)
}

func (r *rules) PreviewLimit(_ context.Context, asked tollgate.Limit, since, until time.Time) (tollgate.Preview, error) {
	r.asked = asked
	return r.previewed(since, until)
}

func (r *rules) previewed(since, until time.Time) (tollgate.Preview, error) {
	answer := r.preview
	answer.Since, answer.Until = since, until
	return answer, nil
}

func (r *rules) TestAlerts(context.Context) []tollgate.AlertTest { return r.tests }

// admit holds money for a request of the office's developer.
func (o *office) admit(developer string, expected, most tollgate.Money) (budget.Hold, error) {
	return o.rules.budgets.Admit(budget.Ask{
		ID: tollgate.NewRequestID(o.clock()), Who: tollgate.Principal{Key: "abcdefghijkl", Developer: developer, Team: "platform"},
		Model: "claude-opus-5-5", At: o.clock(), Expected: expected, Most: most,
	})
}
