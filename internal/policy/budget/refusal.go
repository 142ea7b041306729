package budget

import (
	"fmt"
	"strings"
	"time"

	"tollgate"
)

// refusal says that a counter has no room for a request, and when it will have.
func (k *Keeper) refusal(c *counter, e *entry, now time.Time) *tollgate.Error {
	state := c.state(now)
	err := tollgate.Errorf(tollgate.OverBudget, "%s", sentence(state, e.Most, k.zone))
	err.Budget, err.RetryAfter = &state, aDay
	if !state.Reset.IsZero() {
		err.RetryAfter = max(state.Reset.Sub(now), time.Second)
	}
	return err
}

// aDay is when to try a budget again that does not reset: it may have been
// raised by then. The client stops at once at anything above a minute
// (client-behaviour.md 2, 2026-11-23).
const aDay = 24 * time.Hour

// sentence is what a developer reads. The client shows it as it is, as long as
// it does not begin like one of its own (client-behaviour.md 2, 2026-11-23).
func sentence(state tollgate.BudgetState, most tollgate.Money, zone *time.Location) string {
	b := state.Budget
	var text strings.Builder
	fmt.Fprintf(&text, "The %s budget of %s%s ", b.Period.Adjective(), state.Whom().Phrase(), ofModels(b.Models))
	fmt.Fprintf(&text, "%s: %s spent%s of %s", verdict(state), state.Spent.Rounded(), held(state.Held), state.Limit.Rounded())
	if b.Enforce == tollgate.EnforceStrict && state.Spent < state.Limit {
		fmt.Fprintf(&text, ", and it has to hold the most that a request can cost, which is %s for this one", most.Rounded())
	}
	if state.Reset.IsZero() {
		fmt.Fprintf(&text, "; it does not reset (%s)", b.ID)
	} else {
		fmt.Fprintf(&text, "; it resets on %s (%s)", clock(state.Reset, zone), b.ID)
	}
	return text.String()
}

// verdict says in a word why there is no room.
func verdict(state tollgate.BudgetState) string {
	switch {
	case state.Spent >= state.Limit:
		return "is spent"
	case state.Held > 0:
		return "is spent or held by requests under way"
	}
	return "has no room for this request"
}

func held(amount tollgate.Money) string {
	if amount == 0 {
		return ""
	}
	return fmt.Sprintf(" and %s held", amount.Rounded())
}

func ofModels(globs []string) string {
	if len(globs) == 0 {
		return ""
	}
	return " for " + strings.Join(globs, ", ")
}

// clock is a moment as the client writes its own: "Dec 1, 12am (Europe/Berlin)".
func clock(at time.Time, zone *time.Location) string {
	local := at.In(zone)
	layout := "Jan 2, 3:04pm"
	if local.Minute() == 0 {
		layout = "Jan 2, 3pm"
	}
	return fmt.Sprintf("%s (%s)", local.Format(layout), zone)
}
