package observe

import (
	"github.com/prometheus/client_golang/prometheus"

	"tollgate"
)

// Budgets of developers, services and keys have no series: there may be one for
// each of them.
var (
	budgetLimit   = gauge("tollgate_budget_limit_usd", "What may be spent from a budget that the organisation or a team shares, with the raises in force.", budgetLabels...)
	budgetSpent   = gauge("tollgate_budget_spent_usd", "What has been spent from such a budget since it began anew.", budgetLabels...)
	budgetHeld    = gauge("tollgate_budget_held_usd", "What such a budget holds for requests under way.", budgetLabels...)
	budgetFullest = gauge("tollgate_budget_fullest_ratio", "The part of the limit that is spent; where each member has the amount, by the member who has spent the most.", budgetLabels...)

	budgetLabels = []string{"budget", "scope", "period"}
)

// budgets are where all of them stand.
type budgets []tollgate.BudgetState

func (b budgets) collect(out chan<- prometheus.Metric) {
	fullest := map[*tollgate.Budget]float64{}
	for _, state := range b {
		if kind := state.Budget.Scope.Kind; kind != tollgate.ScopeOrg && kind != tollgate.ScopeTeam {
			continue
		}
		fullest[state.Budget] = max(fullest[state.Budget], state.Utilisation())
		if !state.Budget.Each {
			labels := budgetLabelsOf(state.Budget)
			out <- budgetLimit.is(usd(state.Limit), labels...)
			out <- budgetSpent.is(usd(state.Spent), labels...)
			out <- budgetHeld.is(usd(state.Held), labels...)
		}
	}
	for each, part := range fullest {
		out <- budgetFullest.is(part, budgetLabelsOf(each)...)
	}
}

func budgetLabelsOf(b *tollgate.Budget) []string {
	return []string{b.ID, b.Scope.String(), string(b.Period)}
}

func usd(amount tollgate.Money) float64 { return float64(amount) / float64(tollgate.Dollar) }
