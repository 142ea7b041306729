package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestBodyIsJSONOfTheSizeAskedFor(t *testing.T) {
	for _, size := range []int{2 << 10, 4 << 10, 100 << 10, 1 << 20} {
		made := body(model, size, true)
		var decoded struct {
			Model    string
			Messages []json.RawMessage
			Stream   bool
		}
		if err := json.Unmarshal(made, &decoded); err != nil {
			t.Fatalf("%d bytes: %v", size, err)
		}
		if len(made) != size || decoded.Model != model || len(decoded.Messages) != 1 || !decoded.Stream {
			t.Errorf("%d bytes asked: %d made, model %q, %d messages, stream %v",
				size, len(made), decoded.Model, len(decoded.Messages), decoded.Stream)
		}
	}
}

func TestAnswersAreWhatTheyClaim(t *testing.T) {
	if made := message(); !json.Valid(made) || len(made) < 900 || len(made) > 1200 {
		t.Errorf("the whole answer has %d bytes, valid JSON: %v", len(made), json.Valid(made))
	}
	events := bytes.Split(bytes.TrimSuffix(stream(burstEvents), []byte("\n\n")), []byte("\n\n"))
	if len(events) != burstEvents {
		t.Errorf("%d events, want %d", len(events), burstEvents)
	}
	for _, event := range events {
		_, data, _ := bytes.Cut(event, []byte("\ndata: "))
		if !json.Valid(data) {
			t.Errorf("not JSON: %s", data)
		}
	}
}

func TestStatistics(t *testing.T) {
	odd, even := sample{3, 1, 2}, sample{4, 1, 3, 2}
	if odd.median() != 2 || even.median() != 2.5 || odd.min() != 1 || odd.max() != 3 {
		t.Errorf("medians %v and %v, from %v to %v", odd.median(), even.median(), odd.min(), odd.max())
	}
	if ratio := (sample{6, 8}).over(sample{3, 2}); ratio[0] != 2 || ratio[1] != 4 {
		t.Errorf("ratios %v", ratio)
	}
	hundred := make([]int, 100)
	for i := range hundred {
		hundred[i] = i + 1
	}
	if quantile(hundred, 0.5) != 50 || quantile(hundred, 0.99) != 99 || quantile(hundred, 1) != 100 || quantile(hundred[:1], 0.99) != 1 {
		t.Errorf("quantiles %d %d %d", quantile(hundred, 0.5), quantile(hundred, 0.99), quantile(hundred, 1))
	}
}

func TestASampleThatIsMissingIsShownAsMissing(t *testing.T) {
	if text := (sample{}).text(2); text != "–" {
		t.Errorf("an empty sample reads %q", text)
	}
	if ratio := (sample{1, 2}).over(sample{}); len(ratio) != 0 {
		t.Errorf("ratios to nothing: %v", ratio)
	}
}

func TestTheResultsSayThatNginxIsMissing(t *testing.T) {
	if page := string(report(results{})); !strings.Contains(page, "**not installed: not measured**") {
		t.Errorf("nothing says so in:\n%s", page)
	}
	if page := string(report(results{nginx: "nginx/1.22.1"})); strings.Contains(page, "not installed") {
		t.Errorf("it is installed, and still:\n%s", page)
	}
}

func TestALostRowIsAnAimMissed(t *testing.T) {
	for stored, want := range map[int]string{10: "none, reached", 9: "none, **not reached**", 11: "none, **not reached**"} {
		page := string(report(results{full: fullResult{counted: 10, stored: stored, busy: 1}}))
		if !strings.Contains(page, want) {
			t.Errorf("%d of 10 rows: %q is not in\n%s", stored, want, page)
		}
	}
}

func TestTheSinkCountsWhatItAnswers(t *testing.T) {
	server := httptest.NewServer(sink())
	defer server.Close()
	for range 3 {
		answer, err := http.Post(server.URL+"/v1/messages", "application/json", bytes.NewReader(body(model, 4<<10, false)))
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
	}
	c := contender{process: &process{addr: strings.TrimPrefix(server.URL, "http://")}}
	if n, err := c.counted(t.Context()); n != 3 || err != nil {
		t.Errorf("counted %d, %v", n, err)
	}
}

func TestOnlyALineThatExistsCanBeAskedFor(t *testing.T) {
	for _, name := range lineNames() {
		if _, err := parse([]string{"--line", name}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := parse([]string{"--line", "5 KB"}); err == nil || !strings.Contains(err.Error(), "4 KB") {
		t.Errorf("an unknown line: %v", err)
	}
}
