package capability

import (
	"strings"
	"testing"
	"time"

	"tollgate"
)

func TestPromise5_A400TeachesExactlyOnePair(t *testing.T) {
	for name, test := range map[string]struct {
		provider, body, betas, message string
		feature                        string // empty: nothing is learned
		want, left                     string
	}{
		"a field of a tool":          {"foundry", `{"tools":[{"name":"a","defer_loading":true}],"a":1}`, "advanced-tool-use-2025-11-20 effort-2025-11-24", "tools.0.custom.defer_loading: Extra inputs are not permitted", "tool-search", `{"tools":[{"name":"a"}],"a":1}`, "effort-2025-11-24"},
		"a member":                   {"vertex", `{"a":1,"context_management":{}}`, "context-management-2025-06-27", "context_management: Extra inputs are not permitted", "context-management", `{"a":1}`, ""},
		"behind a few words":         {"vertex", `{"a":1,"context_management":{}}`, "context-management-2025-06-27", "Invalid request: context_management: Extra inputs are not permitted", "context-management", `{"a":1}`, ""},
		"effort, of messages too":    {"bedrock", `{"messages":[{"role":"user","output_config":{"effort":"low"}}],"output_config":{"effort":"low"}}`, "effort-2025-11-24", "output_config.effort: Extra inputs are not permitted", "effort", `{"messages":[{"role":"user"}]}`, ""},
		"effort of a message":        {"vertex", `{"messages":[{"role":"user","output_config":{"effort":"low"}}],"output_config":{"effort":"low"}}`, "per-turn-control-2026-07-01", "messages.0.output_config: Extra inputs are not permitted", "effort-per-turn", `{"messages":[{"role":"user"}],"output_config":{"effort":"low"}}`, ""},
		"through names of forms":     {"foundry", `{"messages":[{"content":[{"type":"tool_result","content":[{"cache_control":{"type":"ephemeral","ttl":"1h"}}]}]}]}`, "extended-cache-ttl-2025-04-11", "messages.0.content.0.tool_result.content.0.text.cache_control.ephemeral.ttl: Extra inputs are not permitted", "cache-ttl", `{"messages":[{"content":[{"type":"tool_result","content":[{"cache_control":{"type":"ephemeral"}}]}]}]}`, ""},
		"display":                    {"bedrock", `{"thinking":{"type":"adaptive","display":"updates"}}`, "thinking-display-updates-2026-08-18", "thinking.adaptive.display: Extra inputs are not permitted", "thinking-display", `{"thinking":{"type":"adaptive"}}`, ""},
		"a kind of block":            {"foundry", `{"messages":[{"content":[{"type":"tool_result","content":[{"type":"tool_reference"}]}]}]}`, "advanced-tool-use-2025-11-20", "messages.0.content.0.tool_result.content.0: Input tag 'tool_reference' found using 'type' does not match any of the expected tags", "tool-search", `{"messages":[{"content":[{"type":"tool_result","content":[]}]}]}`, ""},
		"a beta":                     {"vertex", `{"safeguards":[]}`, "dangerous-tool-use-2026-09-03", "Unexpected value(s) `dangerous-tool-use-2026-09-03` for the `anthropic-beta` header. Please consult our documentation.", "auto-mode-check", `{}`, ""},
		"the name that it was given": {"bedrock", `{"tools":[{"defer_loading":true}]}`, "advanced-tool-use-2025-11-20", "invalid beta flag: tool-search-tool-2025-10-19", "tool-search", `{"tools":[{}]}`, ""},
		"a beta that nobody knows":   {"bedrock", `{}`, "new-2026-11-01 effort-2025-11-24", "invalid beta flag: new-2026-11-01", "new-2026-11-01", `{}`, "effort-2025-11-24"},
		"a member nobody knows":      {"bedrock", `{"new":1}`, "", "new: Extra inputs are not permitted", "new", `{}`, ""},
		"of tools":                   {"bedrock", `{"tools":[{"new":1,"name":"a"}]}`, "", "tools.0.custom.new: Extra inputs are not permitted", "tools[].new", `{"tools":[{"name":"a"}]}`, ""},

		"no name":                    {"bedrock", `{}`, "effort-2025-11-24", "invalid beta flag", "", "", ""},
		"a beta that was not sent":   {"bedrock", `{}`, "effort-2025-11-24", "invalid beta flag: new-2026-11-01", "", "", ""},
		"a field that is not there":  {"vertex", `{}`, "context-management-2025-06-27", "context_management: Extra inputs are not permitted", "", "", ""},
		"half a pair of the client":  {"foundry", `{"tools":[{"defer_loading":true}]}`, "", "tools.0.custom.defer_loading: Extra inputs are not permitted", "", "", ""},
		"what has a meaning":         {"foundry", `{"tools":[{"strict":true}]}`, "structured-outputs-2025-12-15", "tools.0.custom.strict: Extra inputs are not permitted", "", "", ""},
		"a beta that has a meaning":  {"foundry", `{}`, "structured-outputs-2025-12-15", "invalid beta flag: structured-outputs-2025-12-15", "", "", ""},
		"the conversation":           {"bedrock", `{"messages":[]}`, "", "messages: Extra inputs are not permitted", "", "", ""},
		"the client's own words":     {"vertex", `{"context_management":{}}`, "context-management-2025-06-27", `tools.0.name: "x" is no name. context_management: Extra inputs are not permitted`, "", "", ""},
		"another complaint":          {"vertex", `{"context_management":{}}`, "context-management-2025-06-27", "context_management.edits: Field required", "", "", ""},
		"deeper than what is known":  {"vertex", `{"context_management":{"x":1}}`, "context-management-2025-06-27", "context_management.x: Extra inputs are not permitted", "", "", ""},
		"dropped already":            {"bedrock", `{"speed":"fast"}`, "fast-mode-2026-02-01", "invalid beta flag: fast-mode-2026-02-01", "", "", ""},
		"the beta in another remark": {"bedrock", `{}`, "effort-2025-11-24", "see effort-2025-11-24", "", "", ""},
	} {
		table := newTable(test.provider)
		betas := strings.Fields(test.betas)
		call := tollgate.Call{Model: opus, Betas: betas}
		if got := table.Learn(call, []byte(test.body), opus, test.message); got != (test.feature != "") {
			t.Errorf("%s: Learn says %v", name, got)
		}
		if test.feature == "" {
			if lessons := table.memory.Lessons(); len(lessons) > 0 {
				t.Errorf("%s: %+v", name, lessons)
			}
			continue
		}
		if rule := table.Rules()[0]; rule.Feature != test.feature || rule.Evidence == "" || len(rule.Evidence) > 200 {
			t.Errorf("%s: %+v", name, rule)
		}
		got, err := fit(t, table, opus, test.body, betas...)
		if err != nil || got.body != test.want || strings.Join(got.betas, " ") != test.left {
			t.Errorf("%s: %v\n got %s %q\nwant %s %q", name, err, got.body, got.betas, test.want, test.left)
		}
		if other, _ := fit(t, table, "claude-haiku-4-5", test.body, betas...); test.provider != "bedrock" && other.body != test.body {
			t.Errorf("%s: another model is told the same: %s", name, other.body)
		}
	}
}

func TestWhatIsConfiguredIsNotLearned(t *testing.T) {
	table := New("vertex", Config{Betas: map[string]string{"context-management-2025-06-27": "keep"}}, NewMemory(time.Now))
	call := tollgate.Call{Model: opus, Betas: []string{"context-management-2025-06-27"}}
	if table.Learn(call, []byte(`{"context_management":{}}`), opus, "context_management: Extra inputs are not permitted") {
		t.Error("learned what the configuration says otherwise")
	}
}

// TestTwoAtOnce: of two requests that were refused for the same thing, the
// second one may try again as well.
func TestTwoAtOnce(t *testing.T) {
	table := newTable("vertex")
	call := tollgate.Call{Model: opus, Betas: []string{"context-management-2025-06-27"}}
	for range 2 {
		if !table.Learn(call, []byte(`{"context_management":{}}`), opus, "context_management: Extra inputs are not permitted") {
			t.Error("not learned")
		}
	}
	if lessons := table.memory.Lessons(); len(lessons) != 1 {
		t.Errorf("%+v", lessons)
	}
}

func TestEvidenceHoldsNothingOfTheAccount(t *testing.T) {
	table := newTable("bedrock")
	call := tollgate.Call{Model: opus, Betas: []string{"new-2026-11-01"}}
	table.Learn(call, []byte(`{}`), opus, "arn:aws:bedrock:us-east-1:123456789012:x: invalid beta flag new-2026-11-01 for account 123456789012")
	if lessons := table.memory.Lessons(); len(lessons) != 1 || lessons[0].Evidence != "the 400 names the beta new-2026-11-01" {
		t.Errorf("%+v", lessons)
	}
}

func TestMemory(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	book := NewBook(func() time.Time { return now })
	memory := book.Of("cloud", "vertex")
	if book.Of("cloud", "vertex") != memory || book.Of("cloud", "bedrock") == memory || book.Of("other", "vertex") == memory {
		t.Error("a memory belongs to one upstream and provider")
	}
	call := tollgate.Call{Model: opus, Betas: []string{"context-management-2025-06-27"}}
	const body = `{"context_management":{}}`
	New("vertex", Config{}, memory).Learn(call, []byte(body), opus, "context_management: Extra inputs are not permitted")
	successor := New("vertex", Config{}, memory)
	if got, _ := fit(t, successor, opus, body, call.Betas...); got.body != "{}" {
		t.Errorf("the next snapshot has forgotten: %s", got.body)
	}
	now = now.Add(lessonLife)
	if got, _ := fit(t, successor, opus, body, call.Betas...); got.body != body {
		t.Errorf("a day later it is not tried again: %s", got.body)
	}
	for range maxLessons + 10 {
		now = now.Add(time.Second)
		memory.learn(Lesson{Model: now.String()})
	}
	if n := len(memory.Lessons()); n != maxLessons {
		t.Errorf("%d lessons", n)
	}
}
