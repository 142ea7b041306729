package budget

import (
	"testing"
	"time"

	"tollgate"
)

func TestRefusal(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 23, 9, 30, 0, 1, zone)
	ann := tollgate.Principal{Key: "k", Developer: "ann@example.com", Team: "core"}
	for _, test := range []struct {
		budget     tollgate.Budget
		spent      tollgate.Money
		under      tollgate.Money // held by another request
		want       string
		retryAfter time.Duration
	}{
		{
			tollgate.Budget{Scope: tollgate.Scope{Kind: "org"}, Each: true, Period: tollgate.PeriodMonth, Amount: 500 * tollgate.Dollar},
			500*tollgate.Dollar + 4_000_000, 0,
			"The monthly budget of developer ann@example.com is spent: $500.00 spent of $500.00; it resets on Dec 1, 12am (Europe/Berlin) (b)",
			7*24*time.Hour + 14*time.Hour + 30*time.Minute - 1,
		},
		{
			tollgate.Budget{Scope: tollgate.Scope{Kind: "team", Name: "core"}, Period: tollgate.PeriodDay, Models: []string{"claude-opus-*"}, Amount: 10 * tollgate.Dollar},
			7 * tollgate.Dollar, 3 * tollgate.Dollar,
			"The daily budget of team core for claude-opus-* is spent or held by requests under way: $7.00 spent and $3.00 held of $10.00; it resets on Nov 24, 12am (Europe/Berlin) (b)",
			14*time.Hour + 30*time.Minute - 1,
		},
		{
			tollgate.Budget{Scope: tollgate.Scope{Kind: "org"}, Period: tollgate.PeriodTotal, Amount: tollgate.Dollar, Enforce: tollgate.EnforceStrict},
			0, 0,
			"The total budget of the organisation has no room for this request: $0.00 spent of $1.00, and it has to hold the most that a request can cost, which is $3.70 for this one; it does not reset (b)",
			24 * time.Hour,
		},
	} {
		b := test.budget
		b.ID, b.Hard = "b", true
		start, end := b.Period.Window(now, zone)
		k := New(zone, func() time.Time { return now })
		k.Read().Load(State{Budgets: []tollgate.Budget{b}, Counters: []tollgate.BudgetCounter{
			{Budget: "b", Member: b.MemberOf(ann), Start: start, End: end, Spent: test.spent},
		}})
		if test.under > 0 {
			if _, err := k.Admit(Ask{ID: "other", Who: ann, Model: "claude-opus-5-5", At: now, Expected: test.under, Most: test.under}); err != nil {
				t.Fatal(err)
			}
		}
		_, err := k.Admit(Ask{ID: "req", Who: ann, Model: "claude-opus-5-5", At: now, Expected: 1, Most: 3_700_000_000})
		refusal := tollgate.AsError(err)
		if refusal.Kind != tollgate.OverBudget || refusal.Message != test.want || refusal.RetryAfter != test.retryAfter {
			t.Errorf("%v %v\n got %s\nwant %s", refusal.Kind, refusal.RetryAfter, refusal.Message, test.want)
		}
		if refusal.Budget == nil || refusal.Budget.Spent != test.spent || refusal.Budget.Held != test.under {
			t.Errorf("the refusal has the state %+v", refusal.Budget)
		}
	}
}
