package main

import (
	"bytes"
	"encoding/json"
	"testing"
)

func TestBodyIsJSONOfTheSizeAskedFor(t *testing.T) {
	for _, size := range []int{2 << 10, 4 << 10, 100 << 10, 1 << 20} {
		made := body(size, true)
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
