package app

import (
	"context"
	"sync"
	"time"

	"tollgate"
	"tollgate/internal/alert"
	"tollgate/internal/config"
)

// teller tells people when a budget fills up, while this process holds the data
// folder. One process at a time may do so: two would tell everything twice.
type teller struct {
	*alert.Sender

	mu   sync.Mutex
	over bool   // it tells nothing any more
	end  func() // what it does now; nil: nothing
}

// governed is what administrators ask about money: the rules, and who is told.
type governed struct {
	*rules
	*teller
}

// newTeller makes one that does nothing yet.
func (a *App) newTeller(c *config.Config) *teller {
	return &teller{Sender: alert.New(c.Alerts, alert.Options{
		Outbox: a.store,
		States: func() []tollgate.BudgetState { return a.rules.BudgetStates("") },
		Zone:   c.Organization.TimeZone.Location(),
		Now:    time.Now,
		Log:    a.log,
		Count:  func(sink string, outcome alert.Outcome) { a.metrics.Alerted(sink, string(outcome)) },
	})}
}

// begin tells from now on.
func (t *teller) begin() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.over || t.end != nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	var loop sync.WaitGroup
	loop.Go(func() { t.Run(ctx) })
	t.end = func() { cancel(); loop.Wait() }
}

// rest tells nothing until it is told to begin. Who is being told has a moment
// to say that it has heard.
func (t *teller) rest() { t.quit(false) }

// stop tells nothing any more.
func (t *teller) stop() { t.quit(true) }

func (t *teller) quit(forGood bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.over = t.over || forGood
	if t.end != nil {
		t.end()
		t.end = nil
	}
}
