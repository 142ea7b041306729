package simulator

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// provider is a simulator on a real socket.
type provider struct {
	*Simulator
	url string
	t   *testing.T
}

func start(t *testing.T, config Config) provider {
	t.Helper()
	if config.Keep == 0 {
		config.Keep = 100
	}
	s := New(config)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return provider{Simulator: s, url: server.URL, t: t}
}

func scripted(t *testing.T, text string) *Script {
	t.Helper()
	script, problems := ParseScript([]byte(text))
	if len(problems) > 0 {
		t.Fatalf("the script has mistakes: %v", problems)
	}
	return script
}

func (p provider) request(method, path, body string) *http.Request {
	p.t.Helper()
	request, err := http.NewRequestWithContext(p.t.Context(), method, p.url+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	request.Header.Set("Anthropic-Version", "2023-06-01")
	request.Header.Set("X-Api-Key", "fake")
	return request
}

// ask sends a request and reads the answer; the body may end in an error.
func (p provider) ask(request *http.Request) (*http.Response, string, error) {
	p.t.Helper()
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return nil, "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return response, string(body), err
}

// stream asks for a stream and checks its grammar.
func (p provider) stream(body string) *heard {
	p.t.Helper()
	response, text, err := p.ask(p.request("POST", "/v1/messages?beta=true", body))
	if err != nil || response.StatusCode != http.StatusOK {
		p.t.Fatalf("got %v, %v: %s", response, err, text)
	}
	h, err := readStream(text)
	if err != nil {
		p.t.Fatalf("%v in\n%s", err, text)
	}
	return h
}

func encodeRequest(t *testing.T, members map[string]any) string {
	t.Helper()
	for name, value := range map[string]any{"model": "claude-opus-5-5", "max_tokens": 1000, "stream": true} {
		if _, ok := members[name]; !ok {
			members[name] = value
		}
	}
	body, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func userSays(text string) []any {
	return []any{map[string]any{"role": "user", "content": text}}
}

func TestRefusesWhatAProviderRefuses(t *testing.T) {
	p := start(t, Config{Keys: []string{"good"}})
	body := encodeRequest(t, map[string]any{"messages": userSays("hi")})
	tests := []struct {
		name, method, path, body string
		header                   map[string]string
		status                   int
		kind                     string
	}{
		{"no credential", "POST", "/v1/messages", body, map[string]string{"X-Api-Key": ""}, 401, "authentication_error"},
		{"wrong credential", "POST", "/v1/messages", body, map[string]string{"X-Api-Key": "bad"}, 401, "authentication_error"},
		{"no version", "POST", "/v1/messages", body, map[string]string{"Anthropic-Version": ""}, 400, "invalid_request_error"},
		{"unknown version", "POST", "/v1/messages", body, map[string]string{"Anthropic-Version": "1999-01-01"}, 400, "invalid_request_error"},
		{"not JSON", "POST", "/v1/messages", "{", nil, 400, "invalid_request_error"},
		{"no messages", "POST", "/v1/messages", `{"model":"claude-x","max_tokens":1}`, nil, 400, "invalid_request_error"},
		{"no max_tokens", "POST", "/v1/messages", `{"model":"claude-x","messages":[{"role":"user","content":"hi"}]}`, nil, 400, "invalid_request_error"},
		{"another maker's model", "POST", "/v1/messages", strings.Replace(body, "claude-opus-5-5", "gpt", 1), nil, 404, "not_found_error"},
		{"unknown path", "POST", "/v1/complete", body, nil, 404, "not_found_error"},
		{"unknown model", "GET", "/v1/models/claude-nothing", "", nil, 404, "not_found_error"},
		{"silly limit", "GET", "/v1/models?limit=0", "", nil, 400, "invalid_request_error"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			request := p.request(test.method, test.path, test.body)
			request.Header.Set("X-Api-Key", "good")
			for name, value := range test.header {
				request.Header.Set(name, value)
			}
			response, text, err := p.ask(request)
			if err != nil {
				t.Fatal(err)
			}
			var envelope errorBody
			if err := json.Unmarshal([]byte(text), &envelope); err != nil {
				t.Fatalf("%v in %s", err, text)
			}
			if response.StatusCode != test.status || envelope.Error.Type != test.kind {
				t.Errorf("got %d %s, want %d %s", response.StatusCode, envelope.Error.Type, test.status, test.kind)
			}
			if id := response.Header.Get("Request-Id"); id == "" || id != envelope.RequestID {
				t.Errorf("the header names request %q, the body %q", id, envelope.RequestID)
			}
		})
	}
}

func TestTakesEitherCredentialHeader(t *testing.T) {
	p := start(t, Config{Keys: []string{"good"}})
	request := p.request("GET", "/v1/models", "")
	request.Header.Del("X-Api-Key")
	request.Header.Set("Authorization", "Bearer good")
	if response, text, err := p.ask(request); err != nil || response.StatusCode != 200 {
		t.Errorf("got %v, %v, %s", response, err, text)
	}
}

func TestShowsTheSharedQuota(t *testing.T) {
	p := start(t, Config{})
	response, _, err := p.ask(p.request("POST", "/v1/messages", encodeRequest(t, map[string]any{"messages": userSays("hi")})))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Anthropic-Organization-Id", "Anthropic-Ratelimit-Requests-Remaining", "Anthropic-Ratelimit-Tokens-Reset"} {
		if response.Header.Get(name) == "" {
			t.Errorf("there is no %s", name)
		}
	}
}

func TestSaysHello(t *testing.T) {
	p := start(t, Config{})
	for _, method := range []string{"GET", "HEAD"} {
		request := p.request(method, "/api/hello", "")
		request.Header = http.Header{}
		if response, _, err := p.ask(request); err != nil || response.StatusCode != 200 {
			t.Errorf("%s: got %v, %v", method, response, err)
		}
	}
}

func TestListsModels(t *testing.T) {
	p := start(t, Config{})
	type list struct {
		Data []struct {
			ID      string `json:"id"`
			Display string `json:"display_name"`
		} `json:"data"`
		More bool   `json:"has_more"`
		Last string `json:"last_id"`
	}
	var names []string
	path := "/v1/models?limit=5"
	for path != "" {
		_, text, err := p.ask(p.request("GET", path, ""))
		var page list
		if err != nil || json.Unmarshal([]byte(text), &page) != nil {
			t.Fatalf("got %s, %v", text, err)
		}
		for _, one := range page.Data {
			names = append(names, one.ID)
		}
		path = ""
		if page.More {
			path = "/v1/models?limit=5&after_id=" + page.Last
		}
	}
	if len(names) != len(catalogue) {
		t.Errorf("paging found %d of %d models", len(names), len(catalogue))
	}
	if _, text, _ := p.ask(p.request("GET", "/v1/models/claude-haiku-4-5", "")); !strings.Contains(text, `"id":"claude-haiku-4-5-20251001"`) {
		t.Errorf("the alias leads to %s", text)
	}
}

func TestRemembersBytes(t *testing.T) {
	p := start(t, Config{Keep: 2})
	bodies := []string{`{"n":1}`, `{"n":2}`, `{"n":3}`}
	var answers []string
	for _, body := range bodies {
		_, text, err := p.ask(p.request("POST", "/v1/messages?beta=true", body))
		if err != nil {
			t.Fatal(err)
		}
		answers = append(answers, text)
	}
	list, err := p.Await(t.Context(), 3)
	if err != nil || len(list) != 2 {
		t.Fatalf("remembers %d, %v", len(list), err)
	}
	for i, one := range list {
		if string(one.Body) != bodies[i+1] || !bytes.Equal(one.Sent().Body, []byte(answers[i+1])) || one.URL != "/v1/messages?beta=true" {
			t.Errorf("exchange %d is %s %s, answered %s", i, one.URL, one.Body, one.Sent().Body)
		}
		select {
		case <-one.Canceled:
			t.Errorf("exchange %d counts as a hang-up", i)
		default:
		}
	}
}

func TestReportsEachRequestInALine(t *testing.T) {
	lines := make(chan Served, 1)
	p := start(t, Config{Served: func(s Served) { lines <- s }})
	p.stream(encodeRequest(t, map[string]any{"messages": userSays("hi")}))
	line := <-lines
	text := line.String()
	for _, want := range []string{"POST /v1/messages 200", "claude-opus-5-5", "streamed", "end_turn"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q does not contain %q", text, want)
		}
	}
	if strings.Contains(text, "fake") {
		t.Errorf("%q holds the credential", text)
	}
}
