package messages

import (
	"slices"
	"strings"
	"testing"

	"tollgate/internal/jsonedit"
)

// what Claude Code sends, in short (captured from 2.1.330, 2026-11-23).
const modestBody = `{"model":"claude-opus-5-5","max_tokens":32000,"stream":true,"metadata":{"user_id":"{\"device_id\":\"d\"}"},
	"system":[{"type":"text","text":"Be brief.","cache_control":{"type":"ephemeral","ttl":"1h"}}],
	"thinking":{"type":"adaptive"},"output_config":{"effort":"high"},"safeguards":[{"type":"dangerous_tool_use"}],"tool_choice":{"type":"auto"},
	"context_management":{"edits":[{"type":"clear_thinking_20251015","keep":"all"}]},
	"tools":[{"name":"Read","input_schema":{"type":"object"}},{"type":"custom","name":"x"},{"type":null,"name":"y"},{"type":"bash_20250124","name":"bash"},{"type":"text_editor_20250728","name":"e"}],
	"messages":[{"role":"user","content":[{"type":"text","text":"see \"url\": \"application/json\", {\"type\":\"web_search_20250305\"} and \u003chtml\u003e \u001b\u00e9 \\u0041"}]},
		{"role":"assistant","content":[{"type":"tool_use","name":"Read","input":{"url":"a","type":"object"}}]}]`

func TestReach(t *testing.T) {
	if reach := ReachOf(jsonedit.Open([]byte(modestBody + "}"))); reach.Beyond || reach.Fast || reach.Images != 0 || len(reach.Models) != 0 {
		t.Errorf("a request that reaches nothing is said to reach %+v", reach)
	}
	for _, member := range []string{
		`"mcp_servers":[]`, `"container":"c"`, `"fallbacks":"default"`, `"fallbacks":[{"model":"m"}]`,
		`"thread":{"type":"continue","previous_message_id":"msg_1"}`, `"compaction":{"type":"summarize"}`, `"what_nobody_knows":1`,
		`"context_management":{"edits":[{"type":"compact_20260112"}]}`, `"context_management":{"edits":[{"type":"comp\u0061ct_20260112"}]}`,
		`"tools":[{"type":"web_search_20250305"}]`, `"tools":[{"type":"web\u005fsearch_20250305"}]`, `"tools":[{"type":"bash_code_execution_20270101"}]`,
		`"tools":[{"type":"memory_store_20270101"}]`, `"tools":[{"type":"web_search_20250305","type":"custom"}]`, `"tools":[{"type":"mcp_toolset"}]`,
		`"tools":[{"type":"tool_search_tool_regex_20251119"}]`,
		`"tools":[ 1 , { "type" : "code_execution_20250825" } ]`, `"tools":[{"type":"advisor_20260301","model":"claude-fable-5-2"}],"tools":[]`,
		`"x":0,"messages":[{"role":"user","content":[{"type":"document","source":{"type":"url","url":"http://a"}}]}]`,
	} {
		if !ReachOf(jsonedit.Open([]byte(modestBody + "," + member + "}"))).Beyond {
			t.Errorf("%s is not seen to reach beyond the request", member)
		}
	}
	for _, content := range []string{
		`{"type":"document","source":{"type":"url"}}`, `{"type":"image","source":{"type" :
			"url"}}`, `{"type":"image","source":{"type":"\u0075rl"}}`,
		`{"type":"image","source":{"file_id":"f"}}`, `{"type":"image","source":{"file\u005fid":"f"}}`,
		`{"media_type":"application/pdf"}`, `{"media_type":"application\/pdf"}`, `{"media_type":"application\u002fpdf"}`,
		`{"media_type":"application\u002Fpdf"}`, `{"media_type":"\u0061pplication/pdf"}`, `{"media_type":"application/pd\u0066"}`,
		`{"type":"tool_addition","tool":{"type":"web_search_20250305"}}`, `{"tool":{ "type" : "web_fetch_20260209" }}`, `{"tool":{"type":"web_search_2025\u0030305"}}`,
	} {
		for _, place := range []string{"messages", "system"} {
			if !ReachOf(jsonedit.Open([]byte(`{"model":"m","` + place + `":[{"role":"user","content":[` + content + `]}]}`))).Beyond {
				t.Errorf("%s in %s is not seen to reach beyond the request", content, place)
			}
		}
	}
}

func TestReachOfSpeedModelsAndImages(t *testing.T) {
	for body, want := range map[string]bool{
		`{"model":"m","speed":"fast"}`: true, `{"model":"m","speed":"standard"}`: false, `{"model":"m","sp\u0065ed":"f\u0061st"}`: true,
		`{"model":"m","speed":"fast","speed":"standard"}`: true, `{"model":"m","speed":"standard","speed":"fast"}`: true,
	} {
		if got := ReachOf(jsonedit.Open([]byte(body))).Fast; got != want {
			t.Errorf("%s: fast %v", body, got)
		}
	}
	reach := ReachOf(jsonedit.Open([]byte(`{"model":"m","fallbacks":["a",{"model":"b"}],"tools":[{"type":"advisor_20260301","model":"c"}]}`)))
	if want := []string{"a", "b", "c"}; !slices.Equal(reach.Models, want) {
		t.Errorf("the models are %q, want %q", reach.Models, want)
	}
	image := `{"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw0KGgo="}}`
	body := `{"model":"m","messages":[{"content":[` + strings.Repeat(image+",", 3) + `{"type" : "image"},{"type":"text","text":"an \"image\""}]}]}`
	if reach := ReachOf(jsonedit.Open([]byte(body))); reach.Images != 4 || reach.Beyond {
		t.Errorf("four images are %+v", reach)
	}
}

// FuzzReach holds that no body makes it fail, and that what it says of an
// object does not become less by what stands after.
func FuzzReach(f *testing.F) {
	f.Add(modestBody, `"thread":{}`)
	f.Add(`{"a":"\u00`, `"b":"type`)
	f.Add(`{"type":`, `"type"`)
	f.Fuzz(func(t *testing.T, body, more string) {
		short := ReachOf(jsonedit.Open([]byte(body)))
		long := ReachOf(jsonedit.Open([]byte(body + more)))
		if short.Images > long.Images || look([]byte(body)).refers && !long.Beyond {
			t.Errorf("%q reaches %+v, and with %q after it %+v", body, short, more, long)
		}
	})
}
