package simulator

import (
	"strings"
	"testing"
	"time"
)

func TestScriptMistakesAreNamed(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"nothing", "", "the script is empty"},
		{"no rules", "rules: []", "there are none"},
		{"not YAML", "rules: [", "is not YAML"},
		{"a list", "- {do: {status: 529}}", "line 1: must be a mapping with the key rules"},
		{"a word", "rules", "line 1: must be a mapping with the key rules"},
		{"rules that are none", "rules: {do: {status: 529}}", "rules: must be a list"},
		{"a rule that is a word", "rules: [overloaded]", "rules[0]: must be a mapping"},
		{"a status in words", "rules: [{do: {status: bad}}]", "rules[0].do.status: must be a whole number"},
		{"a list of words that is one", "rules: [{do: {usage: {omit: speed}}}]", "rules[0].do.usage.omit: must be a list"},
		{"two documents", "rules: []\n---\nrules: []", "a second document"},
		{"an alias", "rules: &a [*a]", "anchors and aliases"},
		{"unknown key", "rules:\n  - do: {stauts: 529}", "line 2: rules[0].do.stauts: is not a known key; known here: status, error,"},
		{"empty rule", "rules: [null]", "rules[0]: is empty"},
		{"unknown operation", "rules: [{match: {operation: chat}}]", "rules[0].match.operation"},
		{"bad glob", `rules: [{match: {model: "["}}]`, "rules[0].match.model"},
		{"bad pattern", `rules: [{match: {pattern: "("}}]`, "rules[0].match.pattern"},
		{"negative times", `rules: [{match: {times: -1}}]`, "rules[0].match"},
		{"status", `rules: [{do: {status: 42}}]`, "rules[0].do.status"},
		{"too many events", `rules: [{do: {events: 99999999}}]`, "rules[0].do.events"},
		{"cut without a place", `rules: [{do: {cut: {how: reset}}}]`, "rules[0].do.cut"},
		{"cut in two places", `rules: [{do: {cut: {after_events: 1, after_bytes: 1}}}]`, "rules[0].do.cut"},
		{"cut in an unknown way", `rules: [{do: {cut: {after_events: 1, how: gently}}}]`, "rules[0].do.cut.how"},
		{"silence without length", `rules: [{do: {silence: {every: 1s}}}]`, "rules[0].do.silence"},
		{"endless silence", `rules: [{do: {silence: {for: 9999h, every: 1ns}}}]`, "rules[0].do.silence"},
		{"silence broken by a song", `rules: [{do: {silence: {for: 1s, send: song}}}]`, "rules[0].do.silence.send"},
		{"negative delay", `rules: [{do: {delay: -1s}}]`, "negative"},
		{"not a duration", `rules: [{do: {delay: soon}}]`, "line 1: rules[0].do.delay: must be a duration"},
		{"a key that is no word", `rules: [{do: {usage: {both: {a: [{0: 1}]}}}}]`, "rules[0].do.usage"},
		{"a number that is none", `rules: [{do: {tools: [{name: x, input: {a: .nan}}]}}]`, "rules[0].do.tools"},
		{"comment of two lines", "rules: [{do: {comment: \"a\\nb\"}}]", "rules[0].do.comment"},
		{"tool without a name", `rules: [{do: {tools: [{input: {}}]}}]`, "rules[0].do.tools"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			script, problems := ParseScript([]byte(test.text))
			if script != nil || len(problems) == 0 {
				t.Fatal("was accepted")
			}
			if got := problems[0].String(); !strings.Contains(got, test.want) || strings.ContainsAny(got, "!") || strings.Contains(got, "simulator.") {
				t.Errorf("got %q, want %q in it", got, test.want)
			}
		})
	}
}

func TestScriptNamesAllMistakes(t *testing.T) {
	_, problems := ParseScript([]byte("rules: [{match: {model: \"[\"}, do: {status: 1}}, {do: {cut: {}}}]"))
	if len(problems) != 3 {
		t.Errorf("got %v", problems)
	}
}

func TestScriptReadsEverything(t *testing.T) {
	script := scripted(t, `
rules:
  - name: all of it
    match: {operation: messages, model: "claude-*", prompt: x, pattern: "x+", stream: false, after: 1, times: 2}
    do:
      status: 200
      text: said
      headers: {x-a: "1", request-id: null}
      delay: 1s
      first_event_delay: 2ms
      pace: 3ms
      silence: {after_events: 1, for: 4s, every: 1s, send: comment}
      cut: {after_events: 5, how: eof}
      error_event: {after_events: 6, type: t, message: m}
      usage: {both: {input_tokens: 1}, start: {speed: fast}, delta: {output_tokens: null}, omit: [service_tier]}
      message_deltas: 2
      refusal: {category: cyber, partial: true}
      chunk: 7
`)
	rule := script.Rules[0]
	if rule.Do.Delay != time.Second || *rule.Do.Pace != 3*time.Millisecond || *rule.Do.Cut.AfterEvents != 5 || *rule.Match.Stream {
		t.Errorf("got %+v", rule.Do)
	}
	if value, ok := rule.Do.Headers["request-id"]; !ok || value != nil {
		t.Errorf("null is read as %v, %v", value, ok)
	}
}

func TestRulesTakeTheirTurns(t *testing.T) {
	script := scripted(t, `
rules:
  - {name: first, match: {after: 1, times: 2}, do: {status: 500}}
  - {name: opus, match: {model: "claude-opus-*"}, do: {status: 501}}
  - {name: streamed, match: {stream: true, prompt: needle}, do: {status: 502}}
`)
	opus := &conversation{Model: "claude-opus-5-5"}
	sonnet := &conversation{Model: "claude-sonnet-5-5", Stream: true, Messages: []message{{Role: "user", Content: blocks{{Type: "text", Text: "a needle"}}}}}
	for i, want := range []struct {
		c    *conversation
		rule string
	}{{opus, "opus"}, {opus, "first"}, {sonnet, "first"}, {sonnet, "streamed"}, {opus, "opus"}} {
		if got := script.pick(Anthropic, Messages, want.c); got == nil || got.Name != want.rule {
			t.Errorf("turn %d: got %v, want %s", i, got, want.rule)
		}
	}
	if got := script.pick(Anthropic, CountTokens, opus); got != nil {
		t.Errorf("a rule about messages is played for count_tokens: %s", got.Name)
	}
}

func TestDirectives(t *testing.T) {
	tests := []struct {
		text  string
		check func(*Rule) bool // nil: it is a mistake
	}{
		{"status=529 times=2", func(r *Rule) bool { return r.Do.Status == 529 && r.Match.Times == 2 }},
		{"cut.after_events=3, cut.how=reset", func(r *Rule) bool { return *r.Do.Cut.AfterEvents == 3 && r.Do.Cut.How == CutReset }},
		{`status=429 error.message="slow down, please" headers.retry-after='90'`, func(r *Rule) bool {
			return r.Do.Error.Message == "slow down, please" && *r.Do.Headers["retry-after"] == "90"
		}},
		{"plain=true delay=2s", func(r *Rule) bool { return r.Do.Plain && r.Do.Delay == 2*time.Second }},
		{"usage.both.input_tokens=7", func(r *Rule) bool { return r.Do.Usage.Both["input_tokens"] == 7 }},
		{"stauts=529", nil},
		{"status", nil},
		{"status=1", nil},
		{"cut=1 cut.how=reset", nil},
		{"error={ times=1", nil},
	}
	for _, test := range tests {
		rule, problems := parseDirective(test.text)
		if test.check == nil != (len(problems) > 0) {
			t.Errorf("%s: problems are %v", test.text, problems)
		} else if test.check != nil && !test.check(rule) {
			t.Errorf("%s: got %+v", test.text, rule.Do)
		}
	}
}

func FuzzParseScript(f *testing.F) {
	f.Add("rules: [{match: {model: x}, do: {status: 500, cut: {after_bytes: 3}}}]")
	f.Add("rules:\n- do: {silence: {for: 1s, every: 1ms}, usage: {both: {a: [1, {b: null}]}}}")
	f.Add("rules:\n- do: {usage: {both: {0: [{0}]}}}")
	f.Fuzz(func(t *testing.T, text string) {
		script, problems := ParseScript([]byte(text))
		if (script == nil) != (len(problems) > 0) {
			t.Fatalf("%q: a script and problems, or neither: %v", text, problems)
		}
		if script == nil || len(text) > 1000 {
			return
		}
		for _, rule := range script.Rules { // what is accepted can be played
			rule.Do.Bytes, rule.Do.Events = min(rule.Do.Bytes, 100), min(rule.Do.Events, 100)
			rule.Do.MessageDeltas = min(rule.Do.MessageDeltas, 100)
			if rule.Do.Silence != nil {
				rule.Do.Silence.Every = max(rule.Do.Silence.Every, rule.Do.Silence.For/100)
			}
			for _, by := range New(Config{}).faces {
				rule.Do.can(by, 0)
			}
		}
	})
}

func FuzzParseDirective(f *testing.F) {
	f.Add("status=529 times=2")
	f.Add(`cut.after_events=3, headers.x="a b"`)
	f.Fuzz(func(t *testing.T, text string) {
		rule, problems := parseDirective(text)
		if (rule == nil) != (len(problems) > 0) {
			t.Fatalf("%q: a rule and problems, or neither: %v", text, problems)
		}
	})
}
