package proxy

import (
	"strings"
	"testing"
	"time"

	"tollgate"
	"tollgate/internal/dialect/messages"
	"tollgate/internal/jsonedit"
	"tollgate/internal/meter"
)

// TestPromise4_MostBoundsWhatBytesDoNot compares what is held for a request with
// what a provider may say that it has consumed.
func TestPromise4_MostBoundsWhatBytesDoNot(t *testing.T) {
	t.Parallel()
	book, problems := meter.NewBook(meter.Config{})
	if problems != nil {
		t.Fatal(problems)
	}
	s := &Snapshot{Book: book}
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	image := `{"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw0KGgo="}},`
	for name, test := range map[string]struct {
		members string // of the body, beside the model
		target  string // the model's name there
		served  string
		tokens  tollgate.Tokens
	}{
		"images of few bytes":                     {`"max_tokens":1,"messages":[` + strings.Repeat(image, 100) + `{}]`, "claude-haiku-4-5", "claude-haiku-4-5", tollgate.Tokens{CacheWrite1h: 100 * 4_784, Output: 1}},
		"the tools that a provider knows":         {`"max_tokens":1,"tools":[{"type":"bash_20250124"},{"type":"computer_20251124"},{"type":"text_editor_20250728"}]`, "claude-haiku-4-5", "claude-haiku-4-5", tollgate.Tokens{CacheWrite1h: 804 + 325 + 499 + 735 + 700, Output: 1}},
		"another model behind the name":           {`"max_tokens":1000`, "claude-opus-4-1", "claude-opus-4-1", tollgate.Tokens{Input: 10, Output: 1000}},
		"no max_tokens":                           {`"messages":[]`, "claude-haiku-4-5", "claude-haiku-4-5", tollgate.Tokens{Output: 300_000}},
		"max_tokens with an exponent":             {`"max_tokens":3e5`, "claude-haiku-4-5", "claude-haiku-4-5", tollgate.Tokens{Output: 300_000}},
		"max_tokens as a text":                    {`"max_tokens":"300000"`, "claude-haiku-4-5", "claude-haiku-4-5", tollgate.Tokens{Output: 300_000}},
		"max_tokens twice, the larger last":       {`"max_tokens":1,"max_tokens":128000`, "claude-haiku-4-5", "claude-haiku-4-5", tollgate.Tokens{Output: 128_000}},
		"max_tokens twice, the larger one before": {`"max_tokens":128000,"max_tokens":1`, "claude-haiku-4-5", "claude-haiku-4-5", tollgate.Tokens{Output: 128_000}},
		"the provider's part of the conversation": {`"max_tokens":1,"thread":{"type":"continue"}`, "claude-haiku-4-5", "claude-haiku-4-5", tollgate.Tokens{CacheWrite1h: 1_000_000, Output: 1}},
	} {
		body := jsonedit.Open([]byte(`{"model":"claude-haiku-4-5",` + test.members + `}`))
		call, err := messages.Read(body, "")
		if err != nil {
			t.Fatal(err)
		}
		x := &tollgate.Exchange{Time: at, Model: call.Model}
		most := s.most(call, body, []tollgate.Target{{Upstream: "u", Model: test.target}}, x)
		cost := book.Cost(meter.Bill{
			Upstream: "u", Model: call.Model, ServedModel: test.served, At: at, Operation: tollgate.Messages,
			Reading: meter.Reading{Started: true, Finished: true, Usage: tollgate.Usage{Tokens: test.tokens}},
		}).Money
		if cost == 0 || cost > most {
			t.Errorf("%s: it costs %s, and %s would be held", name, cost, most)
		}
	}
}
