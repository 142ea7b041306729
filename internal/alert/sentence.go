package alert

import (
	"fmt"
	"strings"
	"time"

	"tollgate"
)

// title is an alert on one line.
func title(a *tollgate.Alert) string {
	return fmt.Sprintf("%s has spent %d %% of %s", a.Whom().Phrase(), a.Threshold, budgetPhrase(a))
}

// sentence is an alert in words, in the organisation's time. It is the same
// whenever it is made.
func sentence(a *tollgate.Alert, zone *time.Location) string {
	text := fmt.Sprintf("%s: %s of %s; %s.", title(a), inCents(a.Text.Spent), a.Text.Limit, renewal(a, zone))
	if a.Text.Hard && a.Text.Spent >= a.Text.Limit {
		text += " " + refusal(a, zone)
	}
	return text
}

// budgetPhrase is "its monthly budget", or which one that is.
func budgetPhrase(a *tollgate.Alert) string {
	models := ""
	if len(a.Text.Models) > 0 {
		models = " for " + strings.Join(a.Text.Models, ", ")
	}
	if a.Member == (tollgate.Scope{}) {
		return fmt.Sprintf("its %s budget%s", a.Text.Period.Adjective(), models)
	}
	return fmt.Sprintf("the %s budget%s that every member of %s has", a.Text.Period.Adjective(), models, a.Text.Scope.Phrase())
}

func renewal(a *tollgate.Alert, zone *time.Location) string {
	if a.Text.Reset.IsZero() {
		return "it does not begin anew"
	}
	return "it begins anew on " + clock(a.Text.Reset, zone)
}

// refusal is what happens now that a hard budget is spent, and who can help.
func refusal(a *tollgate.Alert, zone *time.Location) string {
	models := ""
	if len(a.Text.Models) > 0 {
		models = " for " + strings.Join(a.Text.Models, ", ")
	}
	until := "until the budget is raised"
	if !a.Text.Reset.IsZero() {
		until = fmt.Sprintf("until %s, or until the budget is raised", clock(a.Text.Reset, zone))
	}
	return fmt.Sprintf("Its requests%s are refused %s; an administrator can do that: %s", models, until, raiseCommand(a))
}

// raiseCommand raises the budget for whom the alert is about, and nobody else.
func raiseCommand(a *tollgate.Alert) string {
	member := ""
	if a.Member != (tollgate.Scope{}) {
		member = " --member " + a.Member.String()
	}
	return fmt.Sprintf("tollgate budget raise %s%s --by DOLLARS --until WHEN --reason TEXT", a.Budget, member)
}

func clock(at time.Time, zone *time.Location) string {
	return fmt.Sprintf("%s (%s)", at.In(zone).Format("2006-01-02 15:04"), zone)
}

// inCents leaves out what is less than a cent, but of amounts below a dollar.
func inCents(m tollgate.Money) tollgate.Money {
	const cent = tollgate.Dollar / 100
	if m < tollgate.Dollar {
		return m
	}
	return m - m%cent
}
