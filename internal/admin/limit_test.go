package admin_test

import (
	"reflect"
	"strings"
	"testing"

	"tollgate"
	"tollgate/internal/policy/limit"
)

func TestLimitHasTheMembersOfTheInterface(t *testing.T) {
	o := open(t)
	o.populate()
	set := o.do("PUT", "/api/v1/limits", `{"scope":"team:platform","models":["claude-opus-*"],"each":true,"requests_per_minute":60,"concurrent":32,"output_tokens_per_minute":null}`, 200)
	want := map[string]any{
		"id": set["id"], "scope": "team:platform", "models": []any{"claude-opus-*"}, "each": true, "requests_per_minute": 60.0,
		"input_tokens_per_minute": nil, "output_tokens_per_minute": nil, "concurrent": 32.0, "count_tokens_per_minute": nil,
		"created_at": "2026-11-23T12:00:00Z",
	}
	if !reflect.DeepEqual(set, want) || !strings.HasPrefix(set["id"].(string), "lim_") {
		t.Errorf("set as\n%v\nwant\n%v", set, want)
	}
	if shown := o.do("GET", "/api/v1/limits/"+set["id"].(string), "", 200); !reflect.DeepEqual(shown, want) {
		t.Errorf("shown as %v", shown)
	}
	if list := o.do("GET", "/api/v1/limits", "", 200); !reflect.DeepEqual(list, map[string]any{"data": []any{want}, "next": nil}) {
		t.Errorf("listed as %v", list)
	}
	// All figures are taken anew.
	again := o.do("PUT", "/api/v1/limits", `{"scope":"team:platform","models":["claude-opus-*"],"each":true,"count_tokens_per_minute":7}`, 200)
	if again["id"] != set["id"] || again["requests_per_minute"] != nil || again["concurrent"] != nil || again["count_tokens_per_minute"] != 7.0 {
		t.Errorf("set again it is %v", again)
	}
}

func TestLimitIsInForceWhenItIsAnswered(t *testing.T) {
	o := open(t)
	admitted := func(when string, want bool) {
		t.Helper()
		_, err := o.rules.limits.Admit(limit.Ask{Who: tollgate.Principal{Key: "k", Developer: "ada@example.com"}, Model: "claude-opus-5-5", Operation: tollgate.Messages})
		if (err == nil) != want || err != nil && !tollgate.IsKind(err, tollgate.TooFast) {
			t.Errorf("%s: admitted is %v (%v), want %v", when, err == nil, err, want)
		}
	}
	id := o.do("PUT", "/api/v1/limits", `{"scope":"org","requests_per_minute":1}`, 200)["id"].(string)
	admitted("the first", true)
	admitted("the second in a minute", false)
	o.do("DELETE", "/api/v1/limits/"+id, "", 204)
	admitted("without the limit", true)
	o.do("DELETE", "/api/v1/limits/"+id, "", 404)
}

func TestLimitAnswers(t *testing.T) {
	o := open(t)
	o.populate()
	for _, test := range []struct {
		method, path, body string
		status             int
		contains           string
	}{
		{"PUT", "", `{"scope":"org"}`, 400, "a limit needs a figure"},
		{"PUT", "", `{"scope":"org","concurrent":null}`, 400, "a limit needs a figure"},
		{"PUT", "", `{"concurrent":1}`, 400, `the body has no member \"scope\"`},
		{"PUT", "", `{"scope":"org","concurrent":0}`, 400, "concurrent is from 1 to 1000000000000, not 0; what is left out is not limited"},
		{"PUT", "", `{"scope":"org","requests_per_minute":-5}`, 400, "requests_per_minute is from 1"},
		{"PUT", "", `{"scope":"org","input_tokens_per_minute":9000000000000}`, 400, "input_tokens_per_minute is from 1"},
		{"PUT", "", `{"scope":"org","concurrent":"many"}`, 400, `\"concurrent\" cannot be a JSON string`},
		{"PUT", "", `{"scope":"org","rpm":5}`, 400, `\"rpm\" is not a member`},
		{"PUT", "", `{"scope":"team:nobody","concurrent":5}`, 404, "there is no team"},
		{"PUT", "", `{"scope":"key:x","concurrent":5,"each":true}`, 400, "has no members"},
		{"PUT", "", `{"scope":"org","concurrent":5,"models":["?"]}`, 400, "is not a pattern"},
		{"GET", "/lim_0", "", 404, "there is no limit"},
		{"DELETE", "/lim_0", "", 404, "there is no limit"},
		{"GET", "?x=y", "", 400, "takes none"},
	} {
		status, answer, _ := o.ask(test.method, "/api/v1/limits"+test.path, test.body, "Authorization", "Bearer "+writeKey)
		if status != test.status || !strings.Contains(answer, test.contains) {
			t.Errorf("%s %s %s\n got  %d %s\n want %d …%s…", test.method, test.path, test.body, status, answer, test.status, test.contains)
		}
	}
}
