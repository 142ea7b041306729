package simulator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"syscall"
	"testing"
	"time"
)

// rule is a script of one rule that does this.
func rule(t *testing.T, do string) *Script {
	t.Helper()
	return scripted(t, "rules: [{do: {"+do+"}}]")
}

func TestStatusInsteadOfAnAnswer(t *testing.T) {
	tests := []struct{ name, do, body, header string }{
		{"envelope", `status: 529`, `{"type":"error","error":{"type":"overloaded_error","message":"Simulated 529."},"request_id":"req_`, ""},
		{"words", `status: 429, error: {type: billing_error, message: spent, details: {error_code: c}}, headers: {retry-after: "90"}`, `{"type":"billing_error","message":"spent","details":{"error_code":"c"}}`, "90"},
		{"page", `status: 403, body: "<html><title>No</title></html>", headers: {content-type: text/html}`, "<html><title>No</title></html>", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := start(t, Config{Script: scripted(t, "rules: [{match: {model: '*'}, do: {"+test.do+"}}]")})
			response, text, err := p.ask(p.request("POST", "/v1/messages", encodeRequest(t, map[string]any{"messages": userSays("hi")})))
			if err != nil || !strings.Contains(text, test.body) || response.Header.Get("Retry-After") != test.header {
				t.Errorf("got %v, %v: %s", response, err, text)
			}
		})
	}
}

func TestStreamsThatBreak(t *testing.T) {
	tests := []struct {
		name, do string
		err      error
		events   int
	}{
		{"clean end", `cut: {after_events: 3, how: eof}`, nil, 3},
		{"closed", `cut: {after_events: 4, how: close}`, io.ErrUnexpectedEOF, 4},
		{"reset", `cut: {after_events: 0, how: reset}`, syscall.ECONNRESET, 0},
		{"closed, canned", `events: 10, cut: {after_events: 5}`, io.ErrUnexpectedEOF, 5},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := start(t, Config{Script: rule(t, test.do)})
			_, text, err := p.ask(p.request("POST", "/v1/messages", encodeRequest(t, map[string]any{"messages": userSays("hi")})))
			if !errors.Is(err, test.err) || strings.Count(text, "\n\n") != test.events {
				t.Errorf("got %v after\n%s", err, text)
			}
			if got := p.Received()[0]; string(got.Sent().Body) != text {
				t.Errorf("remembers %q, sent %q", got.Sent().Body, text)
			}
		})
	}
}

func TestCutAfterBytes(t *testing.T) {
	p := start(t, Config{Script: rule(t, `cut: {after_bytes: 100}`)})
	_, text, err := p.ask(p.request("POST", "/v1/messages", encodeRequest(t, map[string]any{"messages": userSays("hi")})))
	if !errors.Is(err, io.ErrUnexpectedEOF) || len(text) != 100 {
		t.Errorf("got %v after %d bytes", err, len(text))
	}
}

func TestOddStreams(t *testing.T) {
	tests := []struct {
		name, do string
		check    func(h *heard) bool
	}{
		{"error event", `error_event: {after_events: 5, type: overloaded_error}`, func(h *heard) bool { return len(h.names) == 6 && h.errors[0] == "overloaded_error" }},
		{"text", `text: "said so"`, func(h *heard) bool { return h.texts[0] == "said so" }},
		{"tool", `tools: [{name: Write, input: {a: [1]}}]`, func(h *heard) bool { return h.texts[1] == `{"a":[1]}` && h.stop == "tool_use" }},
		{"bytes", `bytes: 100000`, func(h *heard) bool { return len(h.texts[0]) == 100000 }},
		{"events", `events: 200`, func(h *heard) bool { return len(h.names) == 206 }},
		{"batch", `events: 200, batch: 64`, func(h *heard) bool { return len(h.names) == 206 }},
		{"bytes in events", `bytes: 1000, events: 7`, func(h *heard) bool { return len(h.texts[0]) == 1000 && len(h.names) == 13 }},
		{"refusal", `refusal: {category: cyber}`, func(h *heard) bool { return h.stop == "refusal" && len(h.kinds) == 0 && h.end["output_tokens"] == 0.0 }},
		{"late refusal", `refusal: {partial: true}`, func(h *heard) bool { return h.stop == "refusal" && len(h.kinds) == 1 }},
		{"served model", `served_model: claude-next`, func(h *heard) bool { return h.model == "claude-next" }},
		{"fallback", `fallback: claude-sonnet-5-5`, func(h *heard) bool {
			return h.kinds[0] == "fallback" && h.model == "claude-opus-5-5" && len(h.end["iterations"].([]any)) == 2
		}},
		{"odd usage", `usage: {both: {input_tokens: 7}, start: {speed: fast, inference_geo: null}, delta: {output_tokens: 9}, omit: [service_tier]}`, func(h *heard) bool {
			_, tier := h.start["service_tier"]
			geo, named := h.start["inference_geo"]
			return h.start["input_tokens"] == 7.0 && h.end["input_tokens"] == 7.0 && h.start["speed"] == "fast" &&
				named && geo == nil && !tier && h.end["output_tokens"] == 9.0
		}},
		{"several message_delta", `message_deltas: 3`, func(h *heard) bool { return strings.Count(strings.Join(h.names, " "), "message_delta") == 3 }},
		{"stop reason", `stop_reason: pause_turn`, func(h *heard) bool { return h.stop == "pause_turn" }},
		{"byte by byte", `text: hi, chunk: 1`, func(h *heard) bool { return h.texts[0] == "hi" }},
		{"silence with pings", `text: hi, silence: {after_events: 4, for: 5ms, every: 1ms}`, func(h *heard) bool { return strings.Count(strings.Join(h.names, " "), "ping") == 6 }},
		{"raw", `raw: "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"x\"}}\n\n"`, func(h *heard) bool { return h.errors[0] == "x" }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := start(t, Config{Script: rule(t, test.do)})
			if h := p.stream(encodeRequest(t, map[string]any{"messages": userSays("hi")})); !test.check(h) {
				t.Errorf("heard %+v", h)
			}
		})
	}
}

func TestStreamsThatOnlyLookOdd(t *testing.T) {
	for _, test := range []struct{ do, want string }{
		{`text: hi, comment: "still here"`, ": still here\nevent: message_start\n"},
		{`text: hi, crlf: true`, "event: message_start\r\ndata: "},
		{`text: hi, silence: {after_events: 1, for: 2ms, every: 1ms, send: comment}`, "}\n\n: keepalive\n\n: keepalive\n\nevent: ping"},
	} {
		p := start(t, Config{Script: rule(t, test.do)})
		_, text, err := p.ask(p.request("POST", "/v1/messages", encodeRequest(t, map[string]any{"messages": userSays("hi")})))
		if err != nil || !strings.Contains(text, test.want) {
			t.Errorf("%s: %v, got\n%s", test.do, err, text)
		}
	}
}

func TestPlainAnswerToAStream(t *testing.T) {
	p := start(t, Config{Script: rule(t, `plain: true`)})
	response, text, err := p.ask(p.request("POST", "/v1/messages", encodeRequest(t, map[string]any{"messages": userSays("hi")})))
	if err != nil || !json.Valid([]byte(text)) || response.Header.Get("Content-Type") != "application/json" {
		t.Errorf("got %v, %v: %s", response, err, text)
	}
}

func TestHeadersCanBeChangedAndLeftOut(t *testing.T) {
	p := start(t, Config{Script: scripted(t, `
rules:
  - {do: {headers: {request-id: null, x-should-retry: "false"}}}
  - {match: {operation: models}, do: {headers: {x-list: "yes"}}}
`)})
	response, _, err := p.ask(p.request("POST", "/v1/messages", encodeRequest(t, map[string]any{"messages": userSays("hi")})))
	if err != nil || response.Header.Get("X-Should-Retry") != "false" || response.Header["Request-Id"] != nil {
		t.Errorf("got %v, %v", response.Header, err)
	}
	response, text, err := p.ask(p.request("GET", "/v1/models", ""))
	if err != nil || response.Header.Get("X-List") != "yes" || !strings.Contains(text, "claude-opus-5-5") {
		t.Errorf("got %v, %v: %s", response.Header, err, text)
	}
}

func TestDirectiveInThePrompt(t *testing.T) {
	p := start(t, Config{})
	body := encodeRequest(t, map[string]any{"messages": userSays("Hello [[simulate: status=529 times=1]]")})
	for _, status := range []int{529, 200} {
		response, text, err := p.ask(p.request("POST", "/v1/messages", body))
		if err != nil || response.StatusCode != status || strings.Contains(text, "[[") {
			t.Errorf("got %v, %v, want %d: %s", response, err, status, text)
		}
	}
	if h := p.stream(encodeRequest(t, map[string]any{"messages": userSays("[[simulate: nonsense]]")})); !strings.Contains(h.texts[0], "cannot be read") {
		t.Errorf("the mistake is answered with %q", h.texts[0])
	}
}

func TestHangUpIsNoticed(t *testing.T) {
	for _, do := range []string{
		`delay: 1h`, `first_event_delay: 1h`, `silence: {after_events: 2, for: 1h}`, `pace: 1h`, `events: 5, pace: 1h`,
	} {
		t.Run(do, func(t *testing.T) {
			p := start(t, Config{Script: rule(t, do)})
			ctx, hangUp := context.WithCancel(t.Context())
			ended := make(chan struct{})
			request := p.request("POST", "/v1/messages", encodeRequest(t, map[string]any{"messages": userSays("hi")})).WithContext(ctx)
			go func() {
				defer close(ended)
				p.ask(request)
			}()
			list, err := p.Await(t.Context(), 1)
			if err != nil {
				t.Fatal(err)
			}
			hangUp()
			<-list[0].Canceled
			<-ended
			list[0].Sent()
		})
	}
}

func TestPaceIsKeptInEveryForm(t *testing.T) {
	c := &conversation{Model: "claude-x"}
	r := response{answer: spoken(strings.Repeat("word ", 40))}
	plain := &face{format: serverSentEvents}
	deltas := len(r.answer.parts[0].deltas)
	var waited time.Duration
	for _, one := range plain.perform(r, true, time.Second).steps {
		waited += one.wait
	}
	if want := time.Duration(deltas) * time.Second; waited != want || plain.perform(r, c.Stream, time.Second).delay != want {
		t.Errorf("waits %v, want %v", waited, want)
	}
}

func TestDistortionsKeepEveryByte(t *testing.T) {
	list := (&face{format: serverSentEvents}).steps(response{answer: spoken(strings.Repeat("word ", 40))}.events(), time.Millisecond)
	whole := func(list []step) (text []byte, wait time.Duration) {
		for _, one := range list {
			text = append(text, one.bytes...)
			wait += one.wait
		}
		return text, wait
	}
	want, long := whole(list)
	for n := range 9 {
		for name, list := range map[string][]step{"chunked": chunked(list, n), "batched": batched(list, n)} {
			if got, wait := whole(list); !bytes.Equal(got, want) || wait != long {
				t.Errorf("%s by %d: %d bytes in %v, want %d in %v", name, n, len(got), wait, len(want), long)
			}
		}
	}
	if got, _ := whole(cutAfterBytes(list, 1<<20, CleanEOF)); !bytes.Equal(got, want) {
		t.Errorf("a cut beyond the end loses bytes")
	}
}

func TestCannedAnswersAreChosenByTheBytes(t *testing.T) {
	for text, want := range map[string]bool{
		`{"stream":true}`: true, `{"stream" : true }`: true, `{"stream":false}`: false, `{}`: false, `{"stream"`: false,
		`{"a":"\"stream\":true"}`: false,
	} {
		if got := wantsStream([]byte(text)); got != want {
			t.Errorf("%s: got %v", text, got)
		}
	}
}

func TestCannedAnswerNeedsNoConversation(t *testing.T) {
	p := start(t, Config{Script: rule(t, `events: 3`)})
	response, text, err := p.ask(p.request("POST", "/v1/messages", "not JSON at all"))
	if err != nil || response.StatusCode != 200 || !json.Valid([]byte(text)) {
		t.Errorf("got %v, %v: %s", response, err, text)
	}
}
