package alert

import (
	"strings"
	"testing"
	"time"

	"tollgate"
)

func TestSentence(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*tollgate.Alert)
		want   string
	}{
		"plain": {
			func(*tollgate.Alert) {},
			"team core has spent 80 % of its monthly budget: $402.10 of $500.00; it begins anew on 2026-12-01 00:00 (Europe/Berlin).",
		},
		"total": {
			func(a *tollgate.Alert) {
				a.Text.Period, a.Start, a.Text.Reset = tollgate.PeriodTotal, time.Time{}, time.Time{}
			},
			"team core has spent 80 % of its total budget: $402.10 of $500.00; it does not begin anew.",
		},
		"member": {
			func(a *tollgate.Alert) {
				a.Member = tollgate.Scope{Kind: tollgate.ScopeDeveloper, Name: "ann@example.com"}
			},
			"developer ann@example.com has spent 80 % of the monthly budget that every member of team core has: $402.10 of $500.00; it begins anew on 2026-12-01 00:00 (Europe/Berlin).",
		},
		"organisation, models": {
			func(a *tollgate.Alert) {
				a.Text.Scope, a.Text.Models = tollgate.Scope{Kind: tollgate.ScopeOrg}, []string{"claude-opus-*", "*-fable-*"}
			},
			"the organisation has spent 80 % of its monthly budget for claude-opus-*, *-fable-*: $402.10 of $500.00; it begins anew on 2026-12-01 00:00 (Europe/Berlin).",
		},
		"hard and spent": {
			func(a *tollgate.Alert) { a.Threshold, a.Text.Hard, a.Text.Spent = 100, true, 500*tollgate.Dollar },
			"team core has spent 100 % of its monthly budget: $500.00 of $500.00; it begins anew on 2026-12-01 00:00 (Europe/Berlin). " +
				"Its requests are refused until 2026-12-01 00:00 (Europe/Berlin), or until the budget is raised; an administrator can do that: tollgate budget raise bgt_1 --by DOLLARS --until WHEN --reason TEXT",
		},
		"hard and spent by a member": {
			func(a *tollgate.Alert) {
				a.Threshold, a.Text.Hard, a.Text.Spent = 100, true, 500*tollgate.Dollar
				a.Member = tollgate.Scope{Kind: tollgate.ScopeDeveloper, Name: "ann@example.com"}
			},
			"developer ann@example.com has spent 100 % of the monthly budget that every member of team core has: $500.00 of $500.00; it begins anew on 2026-12-01 00:00 (Europe/Berlin). " +
				"Its requests are refused until 2026-12-01 00:00 (Europe/Berlin), or until the budget is raised; an administrator can do that: " +
				"tollgate budget raise bgt_1 --member developer:ann@example.com --by DOLLARS --until WHEN --reason TEXT",
		},
		"hard, spent, total, models": {
			func(a *tollgate.Alert) {
				a.Threshold, a.Text.Hard, a.Text.Spent = 100, true, 500*tollgate.Dollar
				a.Text.Period, a.Start, a.Text.Reset, a.Text.Models = tollgate.PeriodTotal, time.Time{}, time.Time{}, []string{"claude-*"}
			},
			"team core has spent 100 % of its total budget for claude-*: $500.00 of $500.00; it does not begin anew. " +
				"Its requests for claude-* are refused until the budget is raised; an administrator can do that: tollgate budget raise bgt_1 --by DOLLARS --until WHEN --reason TEXT",
		},
		"soft and spent": {
			func(a *tollgate.Alert) { a.Threshold, a.Text.Spent = 100, 500*tollgate.Dollar+1 },
			"team core has spent 100 % of its monthly budget: $500.00 of $500.00; it begins anew on 2026-12-01 00:00 (Europe/Berlin).",
		},
		"less than a dollar": {
			func(a *tollgate.Alert) { a.Text.Limit, a.Text.Spent = tollgate.Dollar/100, tollgate.Dollar/1000*8 },
			"team core has spent 80 % of its monthly budget: $0.008 of $0.01; it begins anew on 2026-12-01 00:00 (Europe/Berlin).",
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := example()
			test.change(a)
			if got := sentence(a, berlin(t)); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
			if strings.ContainsAny(title(a), "\r\n:") || !strings.HasPrefix(test.want, title(a)+":") {
				t.Errorf("the title is %q", title(a))
			}
		})
	}
}
