package alert

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"tollgate"
)

// watch finds out what there is to tell. One goroutine owns it.
type watch struct {
	Options
	plan     *plan
	couriers []*courier
	told     map[mark]int // the highest threshold that is known to be in the outbox
	swept    time.Time
	failing  bool
}

// mark is whom something was told about, and who was told.
type mark struct {
	budget string
	member tollgate.Scope
	start  int64 // in Unix seconds
	sink   string
}

// round looks once.
func (w *watch) round(ctx context.Context) {
	if len(w.plan.sinks) == 0 {
		return
	}
	err := w.raise(ctx)
	if err == nil {
		err = w.giveUp(ctx)
	}
	if failing := err != nil && ctx.Err() == nil; failing != w.failing {
		w.failing = failing
		w.tell(err)
	}
}

func (w *watch) tell(err error) {
	if err != nil {
		w.Log.Error("alerts on budgets cannot be put into the outbox; it is tried again", "cause", err)
		return
	}
	w.Log.Info("alerts on budgets are put into the outbox again")
}

// raiseAtOnce is how many alerts are stored in one transaction: others want to
// write too.
const raiseAtOnce = 200

// raise puts into the outbox what is new.
func (w *watch) raise(ctx context.Context) error {
	news, known := w.look()
	w.told = known
	for batch := range slices.Chunk(news, raiseAtOnce) {
		if err := w.Outbox.RaiseAlerts(ctx, batch); err != nil {
			return err
		}
		for i := range batch {
			w.told[markOf(&batch[i])] = batch[i].Threshold
		}
	}
	if len(news) > 0 {
		for _, each := range w.couriers {
			each.wake()
		}
	}
	return nil
}

// look compares where budgets stand with what has been told. known is the part
// of that which still matters.
func (w *watch) look() (news []tollgate.Alert, known map[mark]int) {
	known = map[mark]int{}
	now := w.Now()
	for _, state := range w.States() {
		reached := highest(&state, w.plan.thresholds)
		if reached == 0 {
			continue
		}
		for _, sink := range w.plan.sinks {
			alert := newAlert(&state, reached, sink.name, now)
			if at := markOf(&alert); w.told[at] >= reached {
				known[at] = w.told[at]
			} else {
				news = append(news, alert)
			}
		}
	}
	return news, known
}

// highest is the highest threshold that a budget has reached, 0 when there is
// none. What is spent counts, not what is held.
func highest(state *tollgate.BudgetState, thresholds []int) (reached int) {
	if own := state.Budget.Alerts; own != nil {
		thresholds = own
	}
	for _, each := range thresholds {
		if each > reached && reaches(state.Spent, state.Limit, each) {
			reached = each
		}
	}
	return reached
}

func newAlert(state *tollgate.BudgetState, threshold int, sink string, now time.Time) tollgate.Alert {
	return tollgate.Alert{
		Budget: state.Budget.ID, Member: state.Member, Start: state.Start, Threshold: threshold, Sink: sink, Raised: now,
		Text: tollgate.AlertText{
			Scope: state.Budget.Scope, Period: state.Budget.Period, Models: state.Budget.Models, Hard: state.Budget.Hard,
			Limit: state.Limit, Spent: state.Spent, Reset: state.Reset,
		},
	}
}

func markOf(a *tollgate.Alert) mark { return mark{a.Budget, a.Member, a.Start.Unix(), a.Sink} }

// An alert is tried until its window has been over for a day. What is too old
// is looked for every hour.
const (
	patience   = 24 * time.Hour
	sweepEvery = time.Hour
)

// giveUp ends what nobody wants to know any more.
func (w *watch) giveUp(ctx context.Context) error {
	now := w.Now()
	if !w.swept.IsZero() && now.Sub(w.swept) < sweepEvery {
		return nil
	}
	old, err := w.Outbox.GiveUpAlerts(ctx, now.Add(-patience), now)
	if err != nil {
		return err
	}
	w.swept = now
	for i := range old {
		w.Count(old[i].Sink, GivenUp)
		w.Log.Error("an alert on a budget was never taken and is given up, a day after its period",
			slog.String("alert", old[i].ID()), slog.String("sink", old[i].Sink), slog.String("budget", old[i].Budget),
			slog.Int("threshold", old[i].Threshold), slog.Int("attempts", old[i].Attempts), slog.String("cause", old[i].Error))
	}
	return nil
}
