package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
)

// shapes are the beginnings of errors, of the platform and of the model.
var shapes = map[Provider]struct{ platform, model string }{
	Anthropic:     {`{"type":"error","error":{"type":`, `{"type":"error","error":{"type":`},
	Bedrock:       {`{"message":"`, `{"message":"`},
	BedrockMantle: {`{"message":"`, `{"type":"error","error":{"type":`},
	Vertex:        {`{"error":{"code":`, `{"type":"error","error":{"type":`},
	Foundry:       {`{"error":{"code":"`, `{"type":"error","error":{"type":`},
	AnthropicAWS:  {`{"message":"`, `{"type":"error","error":{"type":`},
}

func TestScriptedErrorsHaveTheProvidersForm(t *testing.T) {
	for _, here := range places {
		for _, status := range []int{400, 401, 403, 404, 408, 413, 424, 429, 500, 503, 504, 529} {
			for _, stream := range []bool{false, true} {
				p := start(t, Config{Script: scripted(t, fmt.Sprintf("rules: [{match: {provider: %s, model: '*'}, do: {status: %d}}]", here.provider, status))})
				response, text, err := p.ask(here.ask(p, stream, ""))
				want := shapes[here.provider].platform
				if status == 400 || status == 413 {
					want = shapes[here.provider].model
				} else if here.provider == Vertex && stream {
					want = "[" + want
				}
				if err != nil || response.StatusCode != status || !strings.HasPrefix(text, want) || !json.Valid([]byte(text)) {
					t.Errorf("%s, stream %v: got %v, %v: %s", here.provider, stream, response, err, text)
				}
				if named := tells(text); here.provider != Anthropic && named == (want == shapes[Anthropic].platform) {
					t.Errorf("%s: %s names the operator's things: %v", here.provider, text, named)
				}
			}
		}
	}
}

// tells says whether a text holds what no client may see.
func tells(text string) bool {
	for _, secret := range Secrets {
		if strings.Contains(text, secret) {
			return true
		}
	}
	return false
}

func TestAPlatformCanRefuseABody(t *testing.T) {
	for _, here := range places[1:] {
		p := start(t, Config{Script: rule(t, "error: {message: too much, platform: true}, status: 400")})
		if _, text, err := p.ask(here.ask(p, false, "")); err != nil || !strings.HasPrefix(text, shapes[here.provider].platform) || !strings.Contains(text, "too much") {
			t.Errorf("%s: got %v: %s", here.provider, err, text)
		}
	}
}

func TestARuleIsForItsProvider(t *testing.T) {
	p := start(t, Config{Script: scripted(t, "rules: [{match: {provider: vertex}, do: {status: 503}}]")})
	for _, here := range places {
		want := http.StatusOK
		if here.provider == Vertex {
			want = http.StatusServiceUnavailable
		}
		if response, text, err := p.ask(here.ask(p, true, "")); err != nil || response.StatusCode != want {
			t.Errorf("%s: got %v, %v: %s", here.provider, response, err, text)
		}
	}
	if _, problems := ParseScript([]byte("rules: [{match: {provider: openai}, do: {status: 503}}]")); len(problems) != 1 {
		t.Errorf("got %v", problems)
	}
}

func TestStreamsBreakAtEveryProvider(t *testing.T) {
	for _, here := range places {
		for _, test := range []struct {
			do   string
			err  error
			most int // events before the break
		}{
			{"cut: {after_events: 0}", io.ErrUnexpectedEOF, 0},
			{"cut: {after_events: 3}", io.ErrUnexpectedEOF, 3},
			{"cut: {after_events: 3, how: eof}", nil, 3},
			{"cut: {after_events: 3, how: reset}", syscall.ECONNRESET, 3},
			{"events: 9, cut: {after_events: 5}", io.ErrUnexpectedEOF, 5},
		} {
			p := start(t, Config{Script: rule(t, test.do)})
			response, text, err := p.ask(here.ask(p, true, ""))
			if !errors.Is(err, test.err) {
				t.Errorf("%s, %s: got %v", here.provider, test.do, err)
			}
			if response != nil && response.StatusCode == 200 && countEvents(t, here.provider, text) > test.most {
				t.Errorf("%s, %s: got\n%s", here.provider, test.do, text)
			}
		}
	}
}

func countEvents(t *testing.T, provider Provider, text string) int {
	t.Helper()
	if provider != Bedrock {
		return strings.Count(text, "\n\n")
	}
	events, err := readFrames([]byte(text))
	if err != nil {
		t.Error(err)
	}
	return strings.Count(events, "\n\n")
}

func TestOddStreamsAtEveryProvider(t *testing.T) {
	for _, here := range places {
		for do, check := range map[string]func(h *heard) bool{
			`error_event: {after_events: 4, type: rate_limit_error}`: func(h *heard) bool {
				want := "rate_limit_error"
				if here.provider == Bedrock {
					want = "throttlingException"
				}
				return len(h.names) == 5 && h.errors[0] == want
			},
			`refusal: {category: cyber}`:                           func(h *heard) bool { return h.stop == "refusal" && len(h.texts) == 0 },
			`refusal: {category: bio, partial: true}`:              func(h *heard) bool { return h.stop == "refusal" && h.texts[0] == "I was about to say" },
			`text: "said so"`:                                      func(h *heard) bool { return h.texts[0] == "said so" },
			`tools: [{name: Write, input: {a: [1]}}]`:              func(h *heard) bool { return h.texts[1] == `{"a":[1]}` && h.stop == "tool_use" },
			`events: 200, batch: 7`:                                func(h *heard) bool { return len(h.texts[0]) > 200 },
			`comment: hello, crlf: false, chunk: 5`:                func(*heard) bool { return true },
			`silence: {after_events: 2, for: 3ms, every: 1ms}`:     func(*heard) bool { return true },
			`message_deltas: 3, usage: {both: {input_tokens: 77}}`: func(h *heard) bool { return h.end["input_tokens"] == 77.0 },
		} {
			if strings.HasPrefix(do, "comment") && here.provider != Bedrock {
				continue // the reader of server-sent events here knows no comments
			}
			p := start(t, Config{Script: rule(t, do)})
			response, text, err := p.ask(here.ask(p, true, ""))
			if err != nil || response.StatusCode != 200 {
				t.Fatalf("%s, %s: got %v, %v: %s", here.provider, do, response, err, text)
			}
			if h, err := readAnswer(response, text); err != nil || !check(h) {
				t.Errorf("%s, %s: got %v, %+v", here.provider, do, err, h)
			}
		}
	}
}

func TestExceptionsByTheirOwnNames(t *testing.T) {
	for _, name := range []string{"modelStreamErrorException", "modelTimeoutException", "validationException"} {
		p := start(t, Config{Script: rule(t, "error_event: {after_events: 2, type: "+name+"}")})
		response, text, err := p.ask(at(t, Bedrock).ask(p, true, ""))
		if err != nil {
			t.Fatal(err)
		}
		if h, err := readAnswer(response, text); err != nil || h.errors[0] != name {
			t.Errorf("got %v, %+v", err, h)
		}
	}
}

func TestBedrockSaysWhatAnInvocationCameTo(t *testing.T) {
	p := start(t, Config{})
	here := at(t, Bedrock)
	_, text, err := p.ask(here.ask(p, true, ""))
	if err != nil {
		t.Fatal(err)
	}
	events, err := readFrames([]byte(text))
	if err != nil || !strings.Contains(events, `"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":1,`) || strings.Contains(events, "event: ping") {
		t.Errorf("got %v:\n%s", err, events)
	}
	response, _, err := p.ask(here.ask(p, false, ""))
	if err != nil || response.Header.Get("X-Amzn-Bedrock-Input-Token-Count") != "1" {
		t.Errorf("got %v, %v", response, err)
	}
}

func TestListsInferenceProfiles(t *testing.T) {
	p := start(t, Config{})
	request := p.request("GET", "/bedrock/inference-profiles?type=SYSTEM_DEFINED", "")
	request.Header.Set("Authorization", "Bearer fake")
	if _, text, err := p.ask(request); err != nil || !strings.Contains(text, `"inferenceProfileId":"global.anthropic.claude-opus-4-5-20251101-v1:0"`) {
		t.Errorf("got %v: %s", err, text)
	}
}
