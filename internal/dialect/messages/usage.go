package messages

import (
	"time"

	"tollgate"
)

// Usage is what Claude Code shows of a gateway's budgets under /usage, in the
// members that it reads of GET /api/oauth/usage (measured with 2.1.330,
// 2026-11-23). Amounts are in cents. The windows of a subscription are not
// there.
type Usage struct {
	FiveHour *struct{}    `json:"five_hour"`
	SevenDay *struct{}    `json:"seven_day"`
	Extra    ExtraUsage   `json:"extra_usage"`
	Limits   []SpendLimit `json:"limits"`
}

// ExtraUsage is the fullest budget, whatever its period. Where there is none,
// nothing is limited, and nobody has counted.
type ExtraUsage struct {
	Enabled     bool     `json:"is_enabled"`
	Limit       *int64   `json:"monthly_limit"`
	Used        *int64   `json:"used_credits"`
	Utilization *float64 `json:"utilization"` // in percent
	Currency    string   `json:"currency"`
}

// SpendLimit is one budget.
type SpendLimit struct {
	Kind     string     `json:"kind"`
	Group    string     `json:"group"` // its period
	Percent  int64      `json:"percent"`
	ResetsAt *time.Time `json:"resets_at"`
	Severity string     `json:"severity"`
	Active   bool       `json:"is_active"` // it is the one that the amounts are of
}

// UsageOf is where somebody's budgets stand.
func UsageOf(states []tollgate.BudgetState) Usage {
	usage := Usage{Extra: ExtraUsage{Enabled: true, Currency: "USD"}, Limits: []SpendLimit{}}
	fullest := -1
	for i, state := range states {
		usage.Limits = append(usage.Limits, spendLimit(state))
		if fullest < 0 || state.Utilisation() > states[fullest].Utilisation() {
			fullest = i
		}
	}
	if fullest >= 0 {
		usage.Limits[fullest].Active = true
		usage.Extra.fill(states[fullest])
	}
	return usage
}

func (e *ExtraUsage) fill(state tollgate.BudgetState) {
	limit, used, percent := cents(state.Limit), cents(state.Spent), wholePercent(state.Utilisation()*100)
	e.Limit, e.Used, e.Utilization = &limit, &used, &percent
}

func spendLimit(state tollgate.BudgetState) SpendLimit {
	part := wholePercent(state.Utilisation())
	limit := SpendLimit{
		Kind: "spend", Group: state.Budget.Period.Adjective(), Percent: int64(part*100 + 0.5), Severity: "normal",
	}
	switch threshold, _ := passed(part); threshold {
	case almostSpent:
		limit.Severity = "critical"
	case mostlySpent:
		limit.Severity = "warning"
	}
	if !state.Reset.IsZero() {
		reset := state.Reset.UTC()
		limit.ResetsAt = &reset
	}
	return limit
}

// cents rounds to the cent, half up.
func cents(amount tollgate.Money) int64 {
	const cent = tollgate.Dollar / 100
	return int64((amount + cent/2) / cent)
}
