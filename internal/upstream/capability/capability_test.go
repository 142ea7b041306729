package capability

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"tollgate"
	"tollgate/internal/jsonedit"
)

var clouds = []string{"bedrock", "bedrock-mantle", "vertex", "foundry", "anthropic-aws"}

func newTable(provider string) *Table {
	return New(provider, Config{}, NewMemory(func() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }))
}

type fitted struct {
	body           string
	betas, splices []string
}

func fit(t *testing.T, table *Table, model, body string, betas ...string) (fitted, error) {
	t.Helper()
	edits := jsonedit.Edit([]byte(body))
	left, splices, err := table.Fit(edits, tollgate.Call{Model: model, Betas: betas}, model)
	return fitted{string(edits.Bytes()), left, splices}, err
}

const opus = "claude-opus-5-5"

// request is what Claude Code 2.1.330 sends in auto mode to a gateway that it
// takes for the Messages API, in short. Source: client-behaviour.md 1, 2026-11-23.
const request = `{"model":"claude-opus-5-5","messages":[{"role":"user","content":[{"type":"text","text":"hi","cache_control":{"type":"ephemeral","scope":"global"}}]},` +
	`{"role":"system","content":"note","output_config":{"effort":"low"}},` +
	`{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"ToolSearch","input":{"cache_control":{"scope":"mine"},"strict":true}}]},` +
	`{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[{"type":"tool_reference","tool_name":"A"},{"type":"text","text":"x","cache_control":{"scope":"global","type":"ephemeral"}}]}]}],` +
	`"system":[{"type":"text","text":"x-anthropic-billing-header: cc_version=2.1.330;"},{"type":"text","text":"s","cache_control":{"type":"ephemeral","ttl":"1h","scope":"global"}}],` +
	`"tools":[{"name":"A","input_schema":{"type":"object","properties":{"cache_control":{"type":"object","scope":1},"eager_input_streaming":{}}},"defer_loading":true,"eager_input_streaming":true}],` +
	`"metadata":{"user_id":"{}"},"max_tokens":128000,"thinking":{"type":"adaptive","display":"updates"},` +
	`"context_management":{"edits":[{"type":"clear_thinking_20251015","keep":"all"}]},"safeguards":[{"type":"dangerous_tool_use"}],"output_config":{"effort":"medium"},"stream":true}`

var requestBetas = []string{
	"claude-code-20250219", "interleaved-thinking-2025-05-14", "context-management-2025-06-27", "per-turn-control-2026-07-01",
	"mid-conversation-tool-changes-2026-07-01", "thinking-token-count-2026-05-13", "advanced-tool-use-2025-11-20", "effort-2025-11-24",
	"dangerous-tool-use-2026-09-03", "thinking-display-updates-2026-08-18", "afk-mode-2026-01-31", "prompt-caching-scope-2026-01-05",
	"extended-cache-ttl-2025-04-11",
}

func TestPromise5_TheClientsOwnRequestFitsEveryCloud(t *testing.T) {
	want := map[string]struct{ betas, gone string }{
		"bedrock": {
			"interleaved-thinking-2025-05-14 context-management-2025-06-27 mid-conversation-tool-changes-2026-07-01 thinking-token-count-2026-05-13 tool-search-tool-2025-10-19 effort-2025-11-24 dangerous-tool-use-2026-09-03 thinking-display-updates-2026-08-18 fine-grained-tool-streaming-2025-05-14",
			"messages.0.content.0.cache_control.scope messages.1.output_config messages.3.content.0.content.1.cache_control.scope system.1.cache_control.scope tools.0.eager_input_streaming",
		},
		"bedrock-mantle": {
			"claude-code-20250219 interleaved-thinking-2025-05-14 context-management-2025-06-27 per-turn-control-2026-07-01 mid-conversation-tool-changes-2026-07-01 thinking-token-count-2026-05-13 tool-search-tool-2025-10-19 effort-2025-11-24 dangerous-tool-use-2026-09-03 thinking-display-updates-2026-08-18 extended-cache-ttl-2025-04-11",
			"messages.0.content.0.cache_control.scope messages.3.content.0.content.1.cache_control.scope system.1.cache_control.scope",
		},
		"vertex": {
			"claude-code-20250219 interleaved-thinking-2025-05-14 context-management-2025-06-27 per-turn-control-2026-07-01 thinking-token-count-2026-05-13 tool-search-tool-2025-10-19 effort-2025-11-24 dangerous-tool-use-2026-09-03 thinking-display-updates-2026-08-18 extended-cache-ttl-2025-04-11",
			"messages.0.content.0.cache_control.scope messages.3.content.0.content.1.cache_control.scope system.1.cache_control.scope tools.0.eager_input_streaming",
		},
		"foundry": {
			"claude-code-20250219 interleaved-thinking-2025-05-14 context-management-2025-06-27 per-turn-control-2026-07-01 thinking-token-count-2026-05-13 advanced-tool-use-2025-11-20 effort-2025-11-24 thinking-display-updates-2026-08-18 prompt-caching-scope-2026-01-05 extended-cache-ttl-2025-04-11",
			"safeguards tools.0.eager_input_streaming",
		},
		"anthropic-aws": {strings.Join(requestBetas, " "), ""},
	}
	for _, provider := range clouds {
		got, err := fit(t, newTable(provider), opus, request, requestBetas...)
		if err != nil {
			t.Errorf("%s: %v", provider, err)
			continue
		}
		if betas := strings.Join(got.betas, " "); betas != want[provider].betas {
			t.Errorf("%s: betas\n got %s\nwant %s", provider, betas, want[provider].betas)
		}
		if gone := strings.Join(missing(t, request, got.body), " "); gone != want[provider].gone {
			t.Errorf("%s: gone\n got %s\nwant %s", provider, gone, want[provider].gone)
		}
		for _, splice := range got.splices {
			if len(splice) > 400 {
				t.Errorf("%s: a splice of %d bytes: %s", provider, len(splice), splice)
			}
		}
	}
}

// missing are the places of before that after has not; everything else must be
// the same.
func missing(t *testing.T, before, after string) (gone []string) {
	t.Helper()
	var a, b any
	if err := json.Unmarshal([]byte(before), &a); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(after), &b); err != nil {
		t.Fatalf("%v: %s", err, after)
	}
	compare(t, "", a, b, &gone)
	return gone
}

func compare(t *testing.T, at string, a, b any, gone *[]string) {
	t.Helper()
	switch a := a.(type) {
	case map[string]any:
		other, _ := b.(map[string]any)
		for _, key := range slices.Sorted(maps.Keys(a)) {
			place := strings.TrimPrefix(at+"."+key, ".")
			if value, ok := other[key]; ok {
				compare(t, place, a[key], value, gone)
			} else {
				*gone = append(*gone, place)
			}
		}
	case []any:
		other, _ := b.([]any)
		if len(other) != len(a) {
			*gone = append(*gone, fmt.Sprintf("%s (%d of %d)", at, len(a)-len(other), len(a)))
			return
		}
		for i := range a {
			compare(t, fmt.Sprintf("%s.%d", at, i), a[i], other[i], gone)
		}
	default:
		if !reflect.DeepEqual(a, b) {
			t.Errorf("%s: %v became %v", at, a, b)
		}
	}
}

func TestPromise5_WhatWouldChangeTheMeaningIsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		provider, model, body string
		betas                 []string
		begins, details       string
	}{
		"a format":          {"bedrock", opus, `{"output_config":{"effort":"low","format":{"type":"json_schema"}}}`, nil, "capability_rejected: structured_outputs_unsupported ", ""},
		"an older format":   {"vertex", opus, `{"output_format":{}}`, []string{"structured-outputs-2025-11-13"}, "capability_rejected: structured_outputs_unsupported ", ""},
		"strict":            {"bedrock-mantle", opus, `{"tools":[{"name":"a","strict":true}]}`, nil, "capability_rejected: structured_outputs_unsupported ", ""},
		"a thread":          {"foundry", opus, `{"thread":{"type":"create"}}`, []string{"message-threads-2026-08-12"}, "this model is served by an upstream of the kind foundry, which does not take thread;", "thread_unsupported_request"},
		"its own servers":   {"vertex", opus, `{"mcp_servers":[]}`, nil, "this model is served by an upstream of the kind vertex, which does not take mcp_servers;", ""},
		"a container":       {"bedrock", opus, `{"container":"c"}`, nil, "this model is served by an upstream of the kind bedrock, which does not take container;", ""},
		"system inside":     {"bedrock", "us.anthropic.claude-sonnet-5-v1:0", `{"messages":[{"role":"user","content":"a"},{"role":"system","content":"b"}]}`, nil, "capability_rejected: mid_conv_system ", ""},
		"an escaped name":   {"bedrock", opus, `{"thr\u0065ad":{}}`, nil, "this model", "thread_unsupported_request"},
		"an escaped depth":  {"bedrock", opus, `{"tools":[{"stric\u0074":true}]}`, nil, "capability_rejected: structured_outputs_unsupported ", ""},
		"where it computes": {"bedrock", opus, `{"inference_geo":"us"}`, nil, "this model", ""},
	} {
		_, err := fit(t, newTable(test.provider), test.model, test.body, test.betas...)
		refused := tollgate.AsError(err)
		if err == nil || refused.Kind != tollgate.Invalid || !strings.HasPrefix(refused.Message, test.begins) || refused.Details != test.details {
			t.Errorf("%s: %+v", name, refused)
		}
	}
}

func TestFit(t *testing.T) {
	for name, test := range map[string]struct {
		provider, model, body, want string
		betas, left                 string
	}{
		"a beta alone is no reason to refuse":          {"bedrock", opus, `{}`, `{}`, "structured-outputs-2025-12-15 message-threads-2026-08-12", ""},
		"structured outputs where a model has them":    {"bedrock", "us.anthropic.claude-opus-4-5-20251101-v1:0", `{"output_config":{"format":{}}}`, `{"output_config":{"format":{}}}`, "structured-outputs-2025-12-15", ""},
		"system inside where a model takes it":         {"bedrock", "anthropic.claude-sonnet-5-5", `{"messages":[{"role":"system"}]}`, `{"messages":[{"role":"system"}]}`, "", ""},
		"unknown betas and members pass":               {"vertex", opus, `{"new":1}`, `{"new":1}`, "new-2026-11-01 x", "new-2026-11-01 x"},
		"a beta goes only with its tool":               {"bedrock", opus, `{"tools":[{"type":"advisor_20260301"}]}`, `{"tools":[{"type":"advisor_20260301"}]}`, "advisor-tool-2026-03-01 code-execution-2025-05-22", "advisor-tool-2026-03-01"},
		"a deployment serves what was asked for":       {"vertex", "claude-fable-5-2", `{"speed":"fast"}`, `{"speed":"fast"}`, "fast-mode-2026-02-01", ""},
		"speed elsewhere":                              {"vertex", opus, `{"speed":"fast","a":1}`, `{"a":1}`, "fast-mode-2026-02-01", ""},
		"two names of one beta are one":                {"bedrock", opus, `{}`, `{}`, "advanced-tool-use-2025-11-20 tool-search-tool-2025-10-19", "tool-search-tool-2025-10-19"},
		"its name at Foundry":                          {"foundry", opus, `{}`, `{}`, "tool-search-tool-2025-10-19", "advanced-tool-use-2025-11-20"},
		"examples want their own beta":                 {"bedrock", opus, `{"tools":[{"input_examples":[]}]}`, `{"tools":[{"input_examples":[]}]}`, "advanced-tool-use-2025-11-20", "tool-search-tool-2025-10-19 tool-examples-2025-10-29"},
		"one kind of edit":                             {"foundry", opus, `{"context_management":{"edits":[{"type":"compact_20260112"},{"type":"x"}]}}`, `{"context_management":{"edits":[{"type":"x"}]}}`, "compact-2026-01-12 compact-2026-09-04", "compact-2026-09-04"},
		"top-level caching, its scope inside it":       {"bedrock", opus, `{"cache_control":{"scope":"global"},"a":1}`, `{"a":1}`, "", ""},
		"an object of which nothing is left":           {"bedrock", opus, `{"system":[{"type":"text","cache_control":{"scope":"global"}}]}`, `{"system":[{"type":"text"}]}`, "", ""},
		"content that is text, and no messages at all": {"bedrock", opus, `{"messages":"scope\"","system":"\"scope\"","tools":null}`, `{"messages":"scope\"","system":"\"scope\"","tools":null}`, "", ""},
		"spacing and order stay":                       {"bedrock", opus, "{ \"b\" : 1,\n \"speed\": \"fast\" ,\t\"a\":[ ] }", "{ \"b\" : 1,\n \"a\":[ ] }", "", ""},
	} {
		got, err := fit(t, newTable(test.provider), test.model, test.body, strings.Fields(test.betas)...)
		if err != nil || got.body != test.want || strings.Join(got.betas, " ") != test.left {
			t.Errorf("%s: %v\n got %s %q\nwant %s %q", name, err, got.body, got.betas, test.want, test.left)
		}
	}
}

func TestSplices(t *testing.T) {
	got, err := fit(t, newTable("bedrock"), opus, request, requestBetas...)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"beta prompt-caching-scope-2026-01-05 and cache_control.scope (3 times) removed: bedrock does not take them (LiteLLM's table 030dd40, 2026-11-23)",
		"beta extended-cache-ttl-2025-04-11 removed: bedrock does not take it (AWS's documentation of Claude on Bedrock, 2026-11-23)",
		"beta advanced-tool-use-2025-11-20 sent as tool-search-tool-2025-10-19: that is its name at bedrock (LiteLLM's table 030dd40, 2026-11-23)",
		"beta fine-grained-tool-streaming-2025-05-14 added: bedrock wants it for tool-streaming (@ai-sdk/amazon-bedrock 5.0.20, 2026-11-23)",
	} {
		if !slices.Contains(got.splices, want) {
			t.Errorf("no %q in %q", want, got.splices)
		}
	}
}

// TestTableIsWhole: every rule is about a feature that there is, once for each
// model, with a source and a day.
func TestTableIsWhole(t *testing.T) {
	names := map[string]bool{}
	betas := map[string]bool{}
	for _, f := range features {
		if names[f.name] {
			t.Errorf("%s stands twice", f.name)
		}
		names[f.name] = true
		for _, beta := range f.betas {
			if betas[beta] {
				t.Errorf("%s belongs to two features", beta)
			}
			betas[beta] = true
		}
	}
	for provider, list := range rules {
		general := map[string]bool{}
		for _, r := range list {
			if !names[r.feature] || r.text == "" || r.date == "" || general[r.feature] {
				t.Errorf("%s: %+v", provider, r)
			}
			if (r.to != "") != (r.verdict == rename || r.verdict == with || r.verdict == instead) {
				t.Errorf("%s: %+v", provider, r)
			}
			general[r.feature] = r.models == nil
		}
	}
}

func TestRules(t *testing.T) {
	table := New("bedrock", Config{Betas: map[string]string{"effort": "drop"}}, NewMemory(time.Now))
	call := tollgate.Call{Model: opus, Betas: requestBetas}
	if !table.Learn(call, []byte(request), opus, "tools.0.custom.defer_loading: Extra inputs are not permitted") {
		t.Fatal("nothing learned")
	}
	list := table.Rules()
	if list[0].Feature != "effort" || list[0].Verdict != "drop" || list[0].Source != "configuration" {
		t.Errorf("%+v", list[0])
	}
	if l := list[1]; l.Feature != "tool-search" || l.Verdict != "drop" || l.Models[0] != opus || l.Evidence != "tools.0.custom.defer_loading: Extra inputs are not permitted" || l.Learned.IsZero() {
		t.Errorf("%+v", l)
	}
	for _, r := range list[2:] {
		if r.Source == "" || r.Date != day || r.Feature == "effort" {
			t.Errorf("%+v", r)
		}
	}
}
