package messages

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tollgate"
)

var december = time.Date(2026, 12, 1, 0, 0, 0, 0, time.FixedZone("CET", 3600))

// unified are the headers of the family, by what is special in their names.
func unified(header http.Header) map[string]string {
	told := map[string]string{}
	for name, lines := range header {
		if short, is := strings.CutPrefix(name, "Anthropic-Ratelimit-Unified-"); is {
			told[strings.ToLower(short)] = strings.Join(lines, "|")
		}
	}
	return told
}

func TestUtilisation(t *testing.T) {
	for name, test := range map[string]struct {
		spent, limit            tollgate.Money
		status, part, threshold string
	}{
		"nothing":            {0, 500_00, "allowed", "0", ""},
		"half, badly binary": {57, 100, "allowed", "0.57", ""},
		"just below":         {74_999, 100_000, "allowed", "0.74", ""},
		"three quarters":     {75, 100, "allowed_warning", "0.75", "0.75"},
		"76 %":               {76, 100, "allowed_warning", "0.76", "0.75"},
		"almost 95 %":        {94_999, 100_000, "allowed_warning", "0.94", "0.75"},
		"95 %":               {95, 100, "allowed_warning", "0.95", "0.95"},
		"almost all":         {99_999, 100_000, "allowed_warning", "0.99", "0.95"},
		"more than all":      {114, 100, "allowed_warning", "1.14", "0.95"},
		"no limit to reach":  {0, 0, "allowed_warning", "1", "0.95"},
	} {
		header := http.Header{}
		budget := &tollgate.Budget{Period: tollgate.PeriodMonth}
		Utilisation(header, tollgate.BudgetState{Budget: budget, Spent: test.spent, Limit: test.limit, Reset: december})
		told := unified(header)
		if told["status"] != test.status || told["overage-status"] != test.status || told["overage-utilization"] != test.part || told["overage-surpassed-threshold"] != test.threshold {
			t.Errorf("%s: told %v", name, told)
		}
		if told["representative-claim"] != "overage" || told["reset"] != "1796079600" || told["overage-reset"] != "1796079600" {
			t.Errorf("%s: told %v", name, told)
		}
	}
}

func TestUtilisationOfTheTotalHasNoReset(t *testing.T) {
	header := http.Header{}
	Utilisation(header, tollgate.BudgetState{Budget: &tollgate.Budget{Period: tollgate.PeriodTotal}, Spent: 80, Limit: 100})
	told := unified(header)
	if _, reset := told["reset"]; reset || told["overage-utilization"] != "0.8" {
		t.Errorf("told %v", told)
	}
}

// TestRefuseTellsOfTheBudget: the two headers that must not be there make the
// client print a sentence of its own.
func TestRefuseTellsOfTheBudget(t *testing.T) {
	for period, want := range map[tollgate.Period]string{
		tollgate.PeriodDay: "daily", tollgate.PeriodWeek: "weekly", tollgate.PeriodMonth: "monthly", tollgate.PeriodTotal: "",
	} {
		w := httptest.NewRecorder()
		err := tollgate.Errorf(tollgate.OverBudget, "the budget is spent")
		err.Budget = &tollgate.BudgetState{Budget: &tollgate.Budget{Period: period}, Reset: december}
		err.RetryAfter = 1500 * time.Millisecond
		Refuse(w, Dialect{}, "req_1", err)
		told := unified(w.Header())
		for name, value := range map[string]string{
			"status": "rejected", "reset": "1796079600", "overage-reset": "1796079600", "overage-utilization": "1",
			"overage-surpassed-threshold": "1", "overage-period": want, "overage-disabled-reason": "org_spend_cap_reached",
			"representative-claim": "", "overage-status": "",
		} {
			if told[name] != value {
				t.Errorf("%s: %s is %q, want %q", period, name, told[name], value)
			}
		}
		if w.Code != 429 || w.Header().Get("X-Should-Retry") != "false" || w.Header().Get("Retry-After") != "2" {
			t.Errorf("status %d, headers %v", w.Code, w.Header())
		}
	}
}
