package admin_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"tollgate"
)

func TestPreviewHasItsMembers(t *testing.T) {
	o := open(t)
	o.unstored.Store(3)
	o.rules.preview = tollgate.Preview{
		Requests: 40, Refused: 12, Saved: 34 * tollgate.Dollar, Notes: []string{"note"},
		Refusals: []tollgate.PreviewRefusal{{
			Whom: tollgate.Scope{Kind: tollgate.ScopeDeveloper, Name: "ada@example.com"}, Refused: 12, Requests: 30,
			First: noon.Add(-50 * time.Hour), Last: noon.Add(-time.Hour), Days: 2,
		}},
	}
	got := o.do("POST", "/api/v1/budgets/preview", `{"scope":"org","amount_nano_usd":5,"period":"day"}`, 200)
	want := map[string]any{
		"since": "2026-11-16T12:00:00Z", "until": "2026-11-23T12:00:00Z", "time_zone": "Europe/Berlin",
		"requests": 40.0, "refused": 12.0, "saved_nano_usd": 34e9,
		"notes": []any{"note", "Requests that have ended and are not in the ledger yet, and so not in this answer: 3."},
		"refusals": []any{map[string]any{
			"whom": "developer:ada@example.com", "refused": 12.0, "requests": 30.0, "first": "2026-11-21T10:00:00Z", "last": "2026-11-23T11:00:00Z", "days": 2.0,
		}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("\n got  %v\n want %v", got, want)
	}
}

// A preview is about the rule that would be set, and sets nothing.
func TestPreviewIsAboutTheRuleThatWouldBeSet(t *testing.T) {
	o := open(t)
	o.populate()
	got := o.do("POST", "/api/v1/budgets/preview",
		`{"scope":"team:platform","amount_nano_usd":5,"period":"week","models":["b","a"],"each":true,"hard":false,"since":"2026-11-01","until":"2026-12-01"}`, 200)
	if got["since"] != "2026-10-31T23:00:00Z" || got["until"] != "2026-11-23T12:00:00Z" {
		t.Errorf("it is about %v until %v", got["since"], got["until"])
	}
	budget := o.rules.asked.(tollgate.Budget)
	platform := tollgate.Scope{Kind: tollgate.ScopeTeam, Name: "platform"}
	if budget.Scope != platform || budget.Amount != 5 || budget.Period != tollgate.PeriodWeek ||
		!reflect.DeepEqual(budget.Models, []string{"a", "b"}) || !budget.Each || budget.Hard || budget.Enforce != tollgate.EnforceExpected {
		t.Errorf("asked about %+v", budget)
	}
	o.do("POST", "/api/v1/limits/preview", `{"scope":"team:platform","requests_per_minute":60,"concurrent":32,"since":"1d"}`, 200)
	if limit := o.rules.asked.(tollgate.Limit); limit.Scope != platform || limit.RequestsPerMinute != 60 || limit.Concurrent != 32 || limit.Each {
		t.Errorf("asked about %+v", limit)
	}
	for _, path := range []string{"/api/v1/budgets", "/api/v1/limits"} {
		if list := o.do("GET", path, "", 200)["data"].([]any); len(list) != 0 || o.rules.reads.Load() != 0 {
			t.Errorf("there are %v, and the register was read %d times", list, o.rules.reads.Load())
		}
	}
}

func TestPreviewAnswers(t *testing.T) {
	o := open(t)
	for _, test := range []struct {
		path, body string
		status     int
		contains   string
	}{
		{"budgets", `{"scope":"org","period":"day"}`, 400, `the body has no member \"amount_nano_usd\"`},
		{"budgets", `{"scope":"org","amount_nano_usd":1,"period":"day","from":"1d"}`, 400, `\"from\" is not a member of this request; known are: scope, amount_nano_usd, period, models, each, hard, enforce, alert_at, since, until`},
		{"budgets", `{"scope":7,"amount_nano_usd":1,"period":"day"}`, 400, `\"scope\" cannot be a JSON number`},
		{"budgets", `{"scope":"org","amount_nano_usd":1,"period":"day","since":"soon"}`, 400, "is not a time"},
		{"budgets", `{"scope":"org","amount_nano_usd":1,"period":"day","since":"1d","until":"2d"}`, 400, "before it begins"},
		{"budgets", `{"scope":"team:nobody","amount_nano_usd":1,"period":"day"}`, 404, "there is no team"},
		{"limits", `{"scope":"org"}`, 400, "a limit needs a figure"},
		{"limits", `{"scope":"service:nobody","concurrent":1}`, 404, "there is no service"},
	} {
		status, answer, _ := o.ask("POST", "/api/v1/"+test.path+"/preview", test.body, "Authorization", "Bearer "+readKey)
		if status != test.status || !strings.Contains(answer, test.contains) {
			t.Errorf("%s %s\n got  %d %s\n want %d …%s…", test.path, test.body, status, answer, test.status, test.contains)
		}
	}
}

func TestAlertTestTellsOfEachSink(t *testing.T) {
	o := open(t)
	if none := o.do("POST", "/api/v1/budgets/alert-test", "", 200); !reflect.DeepEqual(none, map[string]any{"data": []any{}, "next": nil}) {
		t.Errorf("without sinks it answers %v", none)
	}
	o.rules.tests = []tollgate.AlertTest{{Sink: "ops"}, {Sink: "mail", Error: "nobody answers"}}
	want := []any{map[string]any{"sink": "ops", "error": nil}, map[string]any{"sink": "mail", "error": "nobody answers"}}
	if got := o.do("POST", "/api/v1/budgets/alert-test", "", 200)["data"]; !reflect.DeepEqual(got, want) {
		t.Errorf("answered %v, want %v", got, want)
	}
}
