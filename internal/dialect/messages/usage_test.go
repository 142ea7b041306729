package messages

import (
	"encoding/json"
	"testing"

	"tollgate"
)

func TestUsageOf(t *testing.T) {
	state := func(period tollgate.Period, spent, limit tollgate.Money) tollgate.BudgetState {
		state := tollgate.BudgetState{Budget: &tollgate.Budget{Period: period}, Spent: spent, Limit: limit}
		if period != tollgate.PeriodTotal {
			state.Reset = december
		}
		return state
	}
	const cent = tollgate.Dollar / 100
	for name, test := range map[string]struct {
		states []tollgate.BudgetState
		want   string
	}{
		"none": {nil, `{"five_hour":null,"seven_day":null,` +
			`"extra_usage":{"is_enabled":true,"monthly_limit":null,"used_credits":null,"utilization":null,"currency":"USD"},"limits":[]}`},
		"one": {[]tollgate.BudgetState{state(tollgate.PeriodMonth, 38012*cent+cent/2, 50000*cent)}, `{"five_hour":null,"seven_day":null,` +
			`"extra_usage":{"is_enabled":true,"monthly_limit":50000,"used_credits":38013,"utilization":76.02,"currency":"USD"},"limits":[` +
			`{"kind":"spend","group":"monthly","percent":76,"resets_at":"2026-11-30T23:00:00Z","severity":"warning","is_active":true}]}`},
		"the fullest of three": {[]tollgate.BudgetState{
			state(tollgate.PeriodDay, 50*cent, 100*cent), state(tollgate.PeriodTotal, 120*cent, 100*cent), state(tollgate.PeriodWeek, 96*cent, 100*cent),
		}, `{"five_hour":null,"seven_day":null,` +
			`"extra_usage":{"is_enabled":true,"monthly_limit":100,"used_credits":120,"utilization":120,"currency":"USD"},"limits":[` +
			`{"kind":"spend","group":"daily","percent":50,"resets_at":"2026-11-30T23:00:00Z","severity":"normal","is_active":false},` +
			`{"kind":"spend","group":"total","percent":120,"resets_at":null,"severity":"critical","is_active":true},` +
			`{"kind":"spend","group":"weekly","percent":96,"resets_at":"2026-11-30T23:00:00Z","severity":"critical","is_active":false}]}`},
	} {
		if got, err := json.Marshal(UsageOf(test.states)); err != nil || string(got) != test.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, test.want)
		}
	}
}
