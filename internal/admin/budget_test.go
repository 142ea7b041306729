package admin_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"tollgate"
	"tollgate/api"
)

// set sets a budget and returns it.
func (o *office) set(body string) map[string]any {
	o.t.Helper()
	return o.do("PUT", "/api/v1/budgets", body, 200)
}

func TestBudgetHasTheMembersOfTheInterface(t *testing.T) {
	o := open(t)
	o.populate()
	x := sample() // an hour ago
	o.record(x)
	set := o.set(`{"scope":"team:platform","amount_nano_usd":2000000000,"period":"month","models":["claude-opus-*"],"alert_at":[100,50,50]}`)
	hold, err := o.admit("ada@example.com", 30_000_000, 90_000_000)
	if err != nil {
		t.Fatal(err)
	}
	defer hold.Settle(0)
	o.do("POST", "/api/v1/budgets/"+set["id"].(string)+"/raises", `{"by_nano_usd":500000000,"until":"2026-12-01","reason":"release week"}`, 200)
	got := o.do("GET", "/api/v1/budgets/"+set["id"].(string), "", 200)
	raise := got["raises"].([]any)[0].(map[string]any)
	want := map[string]any{
		"id": set["id"], "scope": "team:platform", "amount_nano_usd": 2e9, "period": "month", "time_zone": "Europe/Berlin",
		"models": []any{"claude-opus-*"}, "each": false, "hard": true, "enforce": "expected", "alert_at": []any{50.0, 100.0},
		"limit_nano_usd": 2.5e9, "spent_nano_usd": float64(x.Cost), "held_nano_usd": 30e6, "exposed_nano_usd": float64(x.Cost) + 90e6,
		"starts_at": "2026-10-31T23:00:00Z", "resets_at": "2026-11-30T23:00:00Z", "created_at": "2026-11-23T12:00:00Z", "fullest": nil,
		"raises": []any{map[string]any{
			"id": raise["id"], "member": nil, "by_nano_usd": 5e8, "from": "2026-11-23T12:00:00Z", "until": "2026-11-30T23:00:00Z",
			"reason": "release week", "created_by": "terraform", "in_force": true,
		}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("\n got  %v\n want %v", got, want)
	}
	if !strings.HasPrefix(set["id"].(string), "bgt_") || !strings.HasPrefix(raise["id"].(string), "rse_") {
		t.Errorf("ids %v and %v", set["id"], raise["id"])
	}
}

func TestBudgetOfWhatNeverBeginsAnewHasNoEnds(t *testing.T) {
	o := open(t)
	set := o.set(`{"scope":"org","amount_nano_usd":0,"period":"total","hard":false}`)
	if set["starts_at"] != nil || set["resets_at"] != nil || set["hard"] != false || set["amount_nano_usd"] != 0.0 || set["alert_at"] != nil {
		t.Errorf("set %v", set)
	}
	silent := o.set(`{"scope":"org","amount_nano_usd":0,"period":"total","hard":false,"alert_at":[]}`)
	if at, listed := silent["alert_at"].([]any); !listed || len(at) != 0 {
		t.Errorf("a budget that tells nobody is %v", silent)
	}
}

// A budget, a change of it, a raise and its end, and a removal are each in
// force with their answer.
func TestPromise4_WhatIsAnsweredIsInForce(t *testing.T) {
	o := open(t)
	o.populate()
	admitted := func(when string, want bool) {
		t.Helper()
		hold, err := o.admit("ada@example.com", tollgate.Dollar, tollgate.Dollar)
		if hold.Settle(0); (err == nil) != want || err != nil && !tollgate.IsKind(err, tollgate.OverBudget) {
			t.Errorf("%s: admitted is %v (%v), want %v", when, err == nil, err, want)
		}
	}
	admitted("without a budget", true)
	id := o.set(`{"scope":"developer:ADA@example.com","amount_nano_usd":0,"period":"day"}`)["id"].(string)
	admitted("with a budget of nothing", false)
	if again := o.set(`{"scope":"developer:ada@example.com","amount_nano_usd":1000000000,"period":"day","enforce":"strict"}`); again["id"] != id || again["enforce"] != "strict" {
		t.Errorf("set again it is %v", again)
	}
	admitted("with enough", true)
	o.set(`{"scope":"developer:ada@example.com","amount_nano_usd":999999999,"period":"day","enforce":"strict"}`)
	admitted("with too little", false)
	o.do("POST", "/api/v1/budgets/"+id+"/raises", `{"by_nano_usd":1,"until":"2h","reason":"just so"}`, 200)
	admitted("raised", true)
	o.pass(2 * time.Hour)
	admitted("when the raise has ended", false)
	if raise := o.do("GET", "/api/v1/budgets/"+id, "", 200)["raises"].([]any)[0].(map[string]any); raise["in_force"] != false {
		t.Errorf("a raise that has ended is %v", raise)
	}
	o.do("DELETE", "/api/v1/budgets/"+id, "", 204)
	admitted("without it again", true)
	if list := o.do("GET", "/api/v1/budgets", "", 200); len(list["data"].([]any)) != 0 || list["next"] != nil {
		t.Errorf("listed %v", list)
	}
}

// Two budgets are one when they are for the same, however it is written.
func TestSetFindsTheBudgetThatIsThere(t *testing.T) {
	o := open(t)
	o.populate()
	first := o.set(`{"scope":"org","amount_nano_usd":1,"period":"day","models":["b-*","a-*","b-*"]}`)
	for body, same := range map[string]bool{
		`{"scope":"org","amount_nano_usd":2,"period":"day","models":["a-*","b-*"],"hard":true,"each":false}`: true,
		`{"scope":"org","amount_nano_usd":2,"period":"week","models":["a-*","b-*"]}`:                         false,
		`{"scope":"org","amount_nano_usd":2,"period":"day","models":["a-*"]}`:                                false,
		`{"scope":"org","amount_nano_usd":2,"period":"day","models":["a-*","b-*"],"each":true}`:              false,
		`{"scope":"org","amount_nano_usd":2,"period":"day","models":["a-*","b-*"],"hard":false}`:             false,
		`{"scope":"team:platform","amount_nano_usd":2,"period":"day","models":["a-*","b-*"]}`:                false,
	} {
		if set := o.set(body); (set["id"] == first["id"]) != same {
			t.Errorf("%s set %v", body, set)
		}
	}
	if list := o.do("GET", "/api/v1/budgets", "", 200)["data"].([]any); len(list) != 6 {
		t.Errorf("there are %d budgets, want 6", len(list))
	}
}

func TestMembersOfABudgetComeFullestFirst(t *testing.T) {
	o := open(t)
	o.populate()
	id := o.set(`{"scope":"org","amount_nano_usd":100,"period":"day","each":true}`)["id"].(string)
	o.do("POST", "/api/v1/budgets/"+id+"/raises", `{"by_nano_usd":900,"until":"1d","reason":"her turn","member":"developer:Ada@example.com"}`, 200)
	const most = 150
	for i := range most {
		hold, err := o.admit(fmt.Sprintf("dev%d@example.com", i), 1, 1)
		if err != nil {
			t.Fatal(err)
		}
		hold.Settle(tollgate.Money(i % 80))
	}
	hold, err := o.admit("ada@example.com", 500, 500)
	if err != nil {
		t.Fatal(err)
	}
	hold.Settle(990)

	listed := o.do("GET", "/api/v1/budgets", "", 200)["data"].([]any)[0].(map[string]any)
	if _, there := listed["members"]; there || listed["limit_nano_usd"] != 100.0 {
		t.Errorf("listed as %v", listed)
	}
	shown := o.do("GET", "/api/v1/budgets/"+id, "", 200)
	members := shown["members"].([]any)
	if len(members) != 100 || shown["more_members"] != 51.0 {
		t.Fatalf("%d members are shown and %v more are told of, want 100 and 51", len(members), shown["more_members"])
	}
	ada := map[string]any{"member": "developer:ada@example.com", "limit_nano_usd": 1000.0, "spent_nano_usd": 990.0, "held_nano_usd": 0.0}
	if !reflect.DeepEqual(members[0], ada) || !reflect.DeepEqual(shown["fullest"], ada) || !reflect.DeepEqual(listed["fullest"], ada) {
		t.Errorf("the fullest is %v, by itself %v, in the list %v", members[0], shown["fullest"], listed["fullest"])
	}
	sum := 990.0
	for i := range most {
		sum += float64(i % 80)
	}
	if shown["spent_nano_usd"] != sum || listed["spent_nano_usd"] != sum {
		t.Errorf("spent is %v and %v, want %v", shown["spent_nano_usd"], listed["spent_nano_usd"], sum)
	}
	if !slices.IsSortedFunc(members[1:], func(a, b any) int {
		return int(b.(map[string]any)["spent_nano_usd"].(float64) - a.(map[string]any)["spent_nano_usd"].(float64))
	}) {
		t.Errorf("members come as %v", members)
	}
}

func TestBudgetAnswers(t *testing.T) {
	o := open(t)
	key, _ := o.populate()
	shared := o.set(`{"scope":"team:platform","amount_nano_usd":1,"period":"day"}`)["id"].(string)
	divided := o.set(`{"scope":"developer:ada@example.com","amount_nano_usd":1,"period":"day","each":true}`)["id"].(string)
	budgets, raises := "/api/v1/budgets", "/api/v1/budgets/"+shared+"/raises"
	for _, test := range []struct {
		method, path, body string
		status             int
		contains           string
	}{
		{"PUT", budgets, `{"scope":"key:` + key + `","amount_nano_usd":1,"period":"week"}`, 200, `"scope":"key:` + key + `"`},
		{"PUT", budgets, `{"scope":"key:tgk_` + key + `_secret","amount_nano_usd":2,"period":"week"}`, 200, `"scope":"key:` + key + `"`},
		{"PUT", budgets, ``, 400, "the scope is missing"},
		{"PUT", budgets, `{}`, 400, `the body has no member \"scope\"`},
		{"PUT", budgets, `{"scope":"org","period":"day"}`, 400, `the body has no member \"amount_nano_usd\"`},
		{"PUT", budgets, `{"scope":"org","amount_nano_usd":null,"period":"day"}`, 400, `the body has no member \"amount_nano_usd\"`},
		{"PUT", budgets, `{"scope":"org","amount_nano_usd":1}`, 400, `the body has no member \"period\"`},
		{"PUT", budgets, `{"scope":"org","amount":1,"period":"day"}`, 400, `\"amount\" is not a member of this request; known are: scope, amount_nano_usd, period, models, each, hard, enforce, alert_at`},
		{"PUT", budgets, `{"scope":"org","amount_nano_usd":1.5,"period":"day"}`, 400, `\"amount_nano_usd\" cannot be a JSON number 1.5`},
		{"PUT", budgets, `{"scope":"org","amount_nano_usd":"500","period":"day"}`, 400, `\"amount_nano_usd\" cannot be a JSON string`},
		{"PUT", budgets, `{"scope":"org","amount_nano_usd":-1,"period":"day"}`, 400, "cannot be negative"},
		{"PUT", budgets, `{"scope":"org","amount_nano_usd":1,"period":"year"}`, 400, `a period is day, week, month or total, not \"year\"`},
		{"PUT", budgets, `{"scope":"platform","amount_nano_usd":1,"period":"day"}`, 400, `\"platform\" is no scope`},
		{"PUT", budgets, `{"scope":"team:nobody","amount_nano_usd":1,"period":"day"}`, 404, `there is no team \"nobody\"`},
		{"PUT", budgets, `{"scope":"developer:bob@example.com","amount_nano_usd":1,"period":"day"}`, 404, "there is no developer"},
		{"PUT", budgets, `{"scope":"service:ci","amount_nano_usd":1,"period":"day"}`, 404, "there is no service"},
		{"PUT", budgets, `{"scope":"key:nokey","amount_nano_usd":1,"period":"day"}`, 404, "there is no key"},
		{"PUT", budgets, `{"scope":"key:` + key + `","amount_nano_usd":1,"period":"day","each":true}`, 400, "has no members"},
		{"PUT", budgets, `{"scope":"org","amount_nano_usd":1,"period":"day","models":["["]}`, 400, "is not a pattern"},
		{"PUT", budgets, `{"scope":"org","amount_nano_usd":1,"period":"day","hard":"no"}`, 400, `\"hard\" cannot be a JSON string`},
		{"PUT", budgets, `{"scope":"org","amount_nano_usd":1,"period":"day","enforce":"maybe"}`, 400, `as expected or as strict, not as \"maybe\"`},
		{"PUT", budgets, `{"scope":"org","amount_nano_usd":1,"period":"day","enforce":"strict","hard":false}`, 400, "cannot be strict"},
		{"PUT", budgets, `{"scope":"org","amount_nano_usd":1,"period":"day","alert_at":[0]}`, 400, "from 1 to 1000, not at 0"},
		{"PUT", budgets, `{"scope":"org","amount_nano_usd":1,"period":"day","alert_at":[1001]}`, 400, "from 1 to 1000, not at 1001"},
		{"PUT", budgets, `{"scope":"org","amount_nano_usd":1,"period":"day","alert_at":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21]}`, 400, "no more than 20"},
		{"GET", budgets + "/bgt_0", "", 404, "there is no budget"},
		{"GET", budgets + "?scope=org", "", 400, "takes none"},
		{"DELETE", budgets + "/bgt_0", "", 404, "there is no budget"},
		{"POST", raises, `{"by_nano_usd":0,"until":"1d","reason":"x"}`, 400, "raise"},
		{"POST", raises, `{"by_nano_usd":1,"until":"1d"}`, 400, `the body has no member \"reason\"`},
		{"POST", raises, `{"by_nano_usd":1,"until":"1d","reason":""}`, 400, "needs a reason"},
		{"POST", raises, `{"by_nano_usd":1,"until":"1d","reason":"a\u0007"}`, 400, "printable"},
		{"POST", raises, `{"by_nano_usd":1,"until":"soon","reason":"x"}`, 400, "is not a time"},
		{"POST", raises, `{"by_nano_usd":1,"until":"2026-11-23","reason":"x"}`, 400, "would have ended at 2026-11-22T23:00:00Z, before it was made"},
		{"POST", raises, `{"by_nano_usd":1,"until":"1d","reason":"x","member":"developer:ada@example.com"}`, 400, "shared"},
		{"POST", raises, `{"by_nano_usd":1,"until":"1d","reason":"x","member":"ada"}`, 400, "is no scope"},
		{"POST", budgets + "/" + divided + "/raises", `{"by_nano_usd":1,"until":"1d","reason":"x","member":"team:platform"}`, 400, "name one who has"},
		{"POST", budgets + "/" + divided + "/raises", `{"by_nano_usd":1,"until":"1d","reason":"x","member":"key:` + key + `"}`, 200, `"member":"key:` + key + `"`},
		{"POST", budgets + "/bgt_0/raises", `{"by_nano_usd":1,"until":"1d","reason":"x"}`, 404, "there is no budget"},
		{"POST", budgets, `{}`, 404, "knows no POST"},
	} {
		status, answer, _ := o.ask(test.method, test.path, test.body, "Authorization", "Bearer "+writeKey)
		if status != test.status || !strings.Contains(answer, test.contains) {
			t.Errorf("%s %s %s\n got  %d %s\n want %d …%s…", test.method, test.path, test.body, status, answer, test.status, test.contains)
		}
	}
}

func TestChangesOfRulesAreLogged(t *testing.T) {
	o := open(t)
	o.populate()
	o.log.Reset()
	id := o.set(`{"scope":"org","amount_nano_usd":4400000000,"period":"month","each":true}`)["id"].(string)
	o.do("POST", "/api/v1/budgets/"+id+"/raises", `{"by_nano_usd":1000000000,"until":"2026-12-01T00:00:00Z","reason":"why not","member":"developer:ada@example.com"}`, 200)
	o.do("DELETE", "/api/v1/budgets/"+id, "", 204)
	o.do("DELETE", "/api/v1/budgets/"+id, "", 404)
	limit := o.do("PUT", "/api/v1/limits", `{"scope":"team:platform","concurrent":32}`, 200)["id"].(string)
	o.do("DELETE", "/api/v1/limits/"+limit, "", 204)
	log := strings.Split(strings.TrimSpace(o.log.String()), "\n")
	for i, want := range []string{
		"action=budget.set object=" + id + " admin=terraform scope=org amount=$4.40 period=month each=true hard=true",
		"action=budget.raise object=" + id + " admin=terraform scope=org raise=rse_",
		"action=budget.remove object=" + id + " admin=terraform scope=org amount=$4.40 period=month each=true hard=true",
		"action=limit.set object=" + limit + " admin=terraform scope=team:platform each=false concurrent=32",
		"action=limit.remove object=" + limit + " admin=terraform scope=team:platform each=false concurrent=32",
	} {
		if len(log) != 5 || !strings.Contains(log[i], want) {
			t.Fatalf("the log has\n%s\nwant a line with %s", o.log, want)
		}
	}
	if !strings.Contains(log[1], `by=$1.00 until=2026-12-01T00:00:00.000Z reason="why not" member=developer:ada@example.com`) {
		t.Errorf("the raise is logged as %s", log[1])
	}
}

// The names that are fixed for the outside; see interface.md, "JSON".
func TestMembersOfRulesAreTheFixedNames(t *testing.T) {
	for fixed, kind := range map[string]reflect.Type{
		"id scope amount_nano_usd period models each hard enforce spent_nano_usd held_nano_usd starts_at resets_at": reflect.TypeFor[api.Budget](),
		"id scope models requests_per_minute input_tokens_per_minute output_tokens_per_minute concurrent":           reflect.TypeFor[api.Limit](),
	} {
		var have []string
		for _, field := range reflect.VisibleFields(kind) {
			have = append(have, field.Tag.Get("json"))
		}
		for name := range strings.FieldsSeq(fixed) {
			if !slices.Contains(have, name) {
				t.Errorf("a %s has no %s", kind.Name(), name)
			}
		}
	}
}
