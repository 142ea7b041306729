package clienttest

import (
	"strings"
	"testing"

	"tollgate"
)

// refusal is how one mode of the client takes one.
type refusal struct {
	mode     string
	status   int
	requests int
	printed  string // SAID stands for the gateway's sentence
}

// check holds what the client printed, and after how many requests. Source of
// the client's own words: 2.1.330, 2026-11-24.
func (r refusal) check(t *testing.T, l *line, got printed, said string) {
	t.Helper()
	tries := 0
	for _, one := range l.wire.exchanges(t) {
		if one.method != "POST" {
			continue
		}
		tries++
		if one.status != r.status || !strings.Contains(string(one.answer), said) || one.answerHeader.Get("X-Should-Retry") != "false" {
			t.Errorf("it was answered %d %s", one.status, one.answer)
		}
	}
	if tries != r.requests || got.code != 1 || !strings.Contains(got.text, strings.ReplaceAll(r.printed, "SAID", said)) {
		t.Errorf("after %d requests the client printed %+v", tries, got)
	}
	if len(l.provider.Received()) != 0 {
		t.Error("the provider was asked")
	}
}

// TestPromise4_ASpentBudgetIsSaidInEveryMode: once, in the gateway's words.
func TestPromise4_ASpentBudgetIsSaidInEveryMode(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"bedrock", "vertex", "foundry", "anthropic-aws"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newCloudLine(t, withHelp, nil, modes[name].own)
			l.budget(t, 0, true)
			got := modes[name].client(t, l, l.gateway.Key).run(t, "Hello")
			refusal{name, 429, 1, "API Error: Request rejected (429) · SAID"}.check(t, l, got, "The monthly budget of developer ann@example.com is spent: ")
			if !strings.Contains(got.text, "ask in #llm-budget") {
				t.Errorf("whom to ask is not in %q", got.text)
			}
		})
	}
}

// TestPromise2_AModelThatIsNotAllowedIsSaidInEveryMode, and ends a run at once.
// Where the client would try a 403 again it is told 404, and says it in its own
// words.
func TestPromise2_AModelThatIsNotAllowedIsSaidInEveryMode(t *testing.T) {
	t.Parallel()
	for _, want := range []refusal{
		{"bedrock", 404, 2, "is not available on your bedrock deployment. Try --model to switch to "},
		{"vertex", 403, 1, "API Error: 403 SAID"},
		{"foundry", 403, 1, "API Error: 403 SAID"},
		{"anthropic-aws", 404, 2, "There's an issue with the selected model (claude-opus-5-5). It may not exist or you may not have access to it."},
	} {
		t.Run(want.mode, func(t *testing.T) {
			t.Parallel()
			l := newCloudLine(t, "", []string{"claude-haiku-*"}, modes[want.mode].own)
			got := modes[want.mode].client(t, l, l.gateway.Key).run(t, "Hello")
			escaped := `model \"claude-opus-5-5\" is not allowed for your key `
			want.printed = strings.ReplaceAll(want.printed, "SAID", `model "claude-opus-5-5" is not allowed for your key `)
			want.check(t, l, got, escaped)
		})
	}
}

// TestAKeyThatOpensNothingEndsEveryModeAtOnce, with the gateway's sentence
// behind the client's own.
func TestAKeyThatOpensNothingEndsEveryModeAtOnce(t *testing.T) {
	t.Parallel()
	for _, want := range []refusal{
		{"bedrock", 401, 1, "AWS authentication failed · "},
		{"vertex", 401, 3, "Google Cloud credentials expired or invalid · "},
		{"foundry", 401, 1, "Microsoft Foundry authentication failed · "},
		{"anthropic-aws", 401, 3, "AWS credentials expired or invalid · "},
	} {
		t.Run(want.mode, func(t *testing.T) {
			t.Parallel()
			l := newCloudLine(t, "", nil, modes[want.mode].own)
			got := modes[want.mode].client(t, l, tollgate.NewKeyString(tollgate.NewKeyID())).run(t, "Hello")
			want.check(t, l, got, "this tollgate key opens nothing: ")
			if !strings.Contains(got.text, "· API Error: 401 this tollgate key opens nothing: ") {
				t.Errorf("the gateway's sentence is not in %q", got.text)
			}
		})
	}
}
