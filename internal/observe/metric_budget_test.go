package observe

import (
	"strings"
	"testing"
)

func TestBudgetsOfManyHaveSeries(t *testing.T) {
	_, registry := measure(t)
	got := map[string]float64{}
	for name, value := range figures(t, registry) {
		if strings.HasPrefix(name, "tollgate_budget_") {
			got[name] = value
		}
	}
	shared := "{budget=bgt_1,period=month,scope=team:core}"
	for name, want := range map[string]float64{
		"tollgate_budget_limit_usd" + shared:                               500,
		"tollgate_budget_spent_usd" + shared:                               400,
		"tollgate_budget_held_usd" + shared:                                2.5,
		"tollgate_budget_fullest_ratio" + shared:                           0.8,
		"tollgate_budget_fullest_ratio{budget=bgt_2,period=day,scope=org}": 0.9,
	} {
		if got[name] != want {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
		delete(got, name)
	}
	if len(got) > 0 {
		t.Errorf("there are more series: %v", got)
	}
}
