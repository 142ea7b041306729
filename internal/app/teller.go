package app

import (
	"time"

	"tollgate"
	"tollgate/internal/alert"
	"tollgate/internal/config"
)

// teller tells people when a budget fills up, while this process holds the data
// folder. One process at a time may do so: two would tell everything twice.
type teller struct {
	*alert.Sender
	shift
}

// governed is what administrators ask about money: the rules, and who is told.
type governed struct {
	*rules
	*teller
}

// newTeller makes one that does nothing yet.
func (a *App) newTeller(c *config.Config) *teller {
	sender := alert.New(c.Alerts, alert.Options{
		Outbox: a.store,
		States: func() []tollgate.BudgetState { return a.rules.BudgetStates("") },
		Zone:   c.Organization.TimeZone.Location(),
		Now:    time.Now,
		Log:    a.log,
		Count:  func(sink string, outcome alert.Outcome) { a.metrics.Alerted(sink, string(outcome)) },
	})
	return &teller{Sender: sender, shift: shift{work: sender.Run}}
}
