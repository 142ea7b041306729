package simulator

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// clientTools are the tools of a coding client.
func clientTools(names ...string) []any {
	var tools []any
	for _, name := range names {
		tools = append(tools, map[string]any{
			"name": name, "description": "…",
			"input_schema": map[string]any{"type": "object", "properties": map[string]any{"run_in_background": map[string]any{"type": "boolean"}}},
		})
	}
	return tools
}

func TestAnswers(t *testing.T) {
	all := clientTools("Agent", "Bash", "Read", "WebSearch")
	environment := "# Environment\n - Primary working directory: /home/dev/project\n - Platform: linux"
	result := func(content any, failed bool) []any {
		return []any{
			map[string]any{"role": "user", "content": "Read hello.txt"},
			map[string]any{"role": "system", "content": "a system message in the middle"},
			map[string]any{"role": "assistant", "content": []any{map[string]any{"type": "tool_use", "id": "t1", "name": "Read", "input": map[string]any{}}}},
			map[string]any{"role": "user", "content": []any{map[string]any{"type": "tool_result", "tool_use_id": "t1", "content": content, "is_error": failed}}},
			map[string]any{"role": "system", "content": []any{map[string]any{"type": "text", "text": "another"}}},
		}
	}
	tests := []struct {
		name    string
		request map[string]any
		kinds   []string
		stop    string
		last    []string // each is found in the last block's text
	}{
		{"plain", map[string]any{"messages": userSays("Good morning")}, []string{"text"}, "end_turn", []string{"simulated claude-opus-5-5", "Good morning"}},
		{"quota probe", map[string]any{"messages": userSays("quota"), "max_tokens": 1}, []string{"text"}, "max_tokens", nil},
		{"little room", map[string]any{"messages": userSays("Good morning"), "max_tokens": 5}, []string{"text"}, "max_tokens", []string{"Hello from a simula"}},
		{"read a file", map[string]any{"messages": userSays("What does hello.txt say?"), "tools": all, "system": environment}, []string{"text", "tool_use"}, "tool_use", []string{`{"file_path":"/home/dev/project/hello.txt"}`}},
		{"read two files", map[string]any{"messages": userSays("Compare a.go with /tmp/b.go"), "tools": all, "system": environment}, []string{"text", "tool_use", "tool_use"}, "tool_use", []string{`"/tmp/b.go"`}},
		{"no tool to read", map[string]any{"messages": userSays("What does hello.txt say?")}, []string{"text"}, "end_turn", []string{"Hello from"}},
		{"behind a reminder", map[string]any{"messages": []any{map[string]any{"role": "user", "content": []any{
			map[string]any{"type": "text", "text": "<system-reminder>read other.txt</system-reminder>"},
			map[string]any{"type": "text", "text": "Read hello.txt"},
			map[string]any{"type": "text", "text": "<system-reminder>Primary working directory: /w\n</system-reminder>"},
		}}}, "tools": all}, []string{"text", "tool_use"}, "tool_use", []string{`"/w/hello.txt"`}},
		{"run a command", map[string]any{"messages": userSays("Please run `ls -l`."), "tools": all}, []string{"text", "tool_use"}, "tool_use", []string{`"command":"ls -l"`}},
		{"run a command without quotes", map[string]any{"messages": userSays("Run the command: date"), "tools": all}, []string{"text", "tool_use"}, "tool_use", []string{`"command":"date"`}},
		{"spawn an agent", map[string]any{"messages": userSays("Spawn an agent to read hello.txt"), "tools": all}, []string{"text", "tool_use"}, "tool_use", []string{`"prompt":"read hello.txt"`, `"run_in_background":false`}},
		{"search by the client's tool", map[string]any{"messages": userSays("Search the web for tollgates"), "tools": all}, []string{"text", "tool_use"}, "tool_use", []string{`"query":"tollgates"`}},
		{"search by the provider", map[string]any{"messages": userSays("Please look this up: tollgates"), "tools": []any{map[string]any{"type": "web_search_20250305", "name": "web_search"}}}, []string{"server_tool_use", "web_search_tool_result", "text"}, "end_turn", []string{"tollgates"}},
		{"result as a string", map[string]any{"messages": result("1\thello", false), "tools": all}, []string{"text"}, "end_turn", []string{"It says: 1\thello"}},
		{"result as blocks", map[string]any{"messages": result([]any{map[string]any{"type": "text", "text": "hello"}}, false), "tools": all}, []string{"text"}, "end_turn", []string{"It says: hello"}},
		{"result with a reference", map[string]any{"messages": result([]any{map[string]any{"type": "tool_reference", "tool_name": "WebFetch"}}, false), "tools": all}, []string{"text"}, "end_turn", []string{"It worked"}},
		{"failed result", map[string]any{"messages": result("no such file", true), "tools": all}, []string{"text"}, "end_turn", []string{"did not work: no such file"}},
		{"thinking", map[string]any{"messages": userSays("hi"), "thinking": map[string]any{"type": "adaptive"}}, []string{"thinking", "text"}, "end_turn", nil},
		{"a title", map[string]any{"messages": userSays("Fix the build"), "output_config": map[string]any{"format": map[string]any{
			"type":   "json_schema",
			"schema": map[string]any{"type": "object", "properties": map[string]any{"title": map[string]any{"type": "string"}, "n": map[string]any{"type": []any{"integer", "null"}}}, "required": []any{"title", "n"}},
		}}}, []string{"text"}, "end_turn", []string{`{"n":1,"title":"Fix the build"}`}},
	}
	p := start(t, Config{})
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := p
			p.t = t
			h := p.stream(encodeRequest(t, test.request))
			if !slices.Equal(h.kinds, test.kinds) || h.stop != test.stop {
				t.Errorf("got %v and %s, want %v and %s", h.kinds, h.stop, test.kinds, test.stop)
			}
			for _, want := range test.last {
				if last := h.texts[len(h.texts)-1]; !strings.Contains(last, want) {
					t.Errorf("%q does not contain %q", last, want)
				}
			}
			p.sameAsWhole(t, test.request, h)
		})
	}
}

// sameAsWhole asks the same without streaming and compares.
func (p provider) sameAsWhole(t *testing.T, request map[string]any, streamed *heard) {
	t.Helper()
	request["stream"] = false
	_, text, err := p.ask(p.request("POST", "/v1/messages", encodeRequest(t, request)))
	if err != nil {
		t.Fatal(err)
	}
	var message struct {
		Content []map[string]any `json:"content"`
		Stop    string           `json:"stop_reason"`
		Usage   map[string]any   `json:"usage"`
	}
	if err := json.Unmarshal([]byte(text), &message); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	var kinds []string
	for i, one := range message.Content {
		kinds = append(kinds, one["type"].(string))
		if one["type"] == "text" && one["text"] != streamed.texts[i] {
			t.Errorf("block %d is %q whole and %q streamed", i, one["text"], streamed.texts[i])
		}
	}
	if !slices.Equal(kinds, streamed.kinds) || message.Stop != streamed.stop {
		t.Errorf("whole: %v and %s; streamed: %v and %s", kinds, message.Stop, streamed.kinds, streamed.stop)
	}
	if message.Usage["output_tokens"] != streamed.end["output_tokens"] {
		t.Errorf("whole costs %v, streamed %v", message.Usage, streamed.end)
	}
}

func TestThinkingShowsWhatWasAskedFor(t *testing.T) {
	p := start(t, Config{})
	for _, test := range []struct{ display, beta, want, not string }{
		{"", "", `"thinking":"This`, "estimated_tokens"},
		{"", "other, thinking-token-count-2026-05-13", `"estimated_tokens":`, ""},
		{"omitted", "thinking-token-count-2026-05-13", "signature_delta", "thinking_delta"},
	} {
		request := p.request("POST", "/v1/messages", encodeRequest(t, map[string]any{
			"messages": userSays("hi"), "thinking": map[string]any{"type": "enabled", "budget_tokens": 1024, "display": test.display},
		}))
		request.Header.Set("Anthropic-Beta", test.beta)
		_, text, err := p.ask(request)
		if err != nil || !strings.Contains(text, test.want) || test.not != "" && strings.Contains(text, test.not) {
			t.Errorf("%+v: %v, got\n%s", test, err, text)
		}
	}
}

func TestCountsWhatItCharges(t *testing.T) {
	p := start(t, Config{})
	request := map[string]any{"messages": userSays(strings.Repeat("word ", 500)), "system": "Be brief.", "tools": clientTools("Read")}
	h := p.stream(encodeRequest(t, request))
	_, text, err := p.ask(p.request("POST", "/v1/messages/count_tokens?beta=true", encodeRequest(t, request)))
	var count struct {
		Input float64 `json:"input_tokens"`
	}
	if err != nil || json.Unmarshal([]byte(text), &count) != nil {
		t.Fatalf("got %s, %v", text, err)
	}
	if count.Input < 600 || count.Input != h.start["input_tokens"] {
		t.Errorf("counts %v, charges %v", count.Input, h.start["input_tokens"])
	}
}

func TestPiecesAddUp(t *testing.T) {
	for _, text := range []string{"", "short", strings.Repeat("many words ", 50), strings.Repeat("ö", 100), strings.Repeat("x", 1000), "\xff\xfe broken \xff"} {
		if got := strings.Join(pieces(text), ""); got != text {
			t.Errorf("%q became %q", text, got)
		}
		for _, piece := range pieces(strings.Repeat("ö", 100)) {
			if strings.ToValidUTF8(piece, "?") != piece {
				t.Errorf("a character is cut in %q", piece)
			}
		}
	}
}
