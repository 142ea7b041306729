package clienttest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"tollgate"
	"tollgate/api"
	"tollgate/internal/gatewaytest"
)

// withHelp is a gateway of an organisation that tells whom to ask.
const withHelp = "organization: {time_zone: Europe/Berlin, help: \"ask in #llm-budget\"}\n"

// styles are the forms of a key, and what the client puts before a refusal when
// it has one in that form.
var styles = []struct {
	style  tollgate.KeyStyle
	before string
}{
	{tollgate.OpaqueKey, "API Error: Request rejected (429) · "},
	{tollgate.JWTKey, ""},
}

// budget gives ann so many dollars a month.
func (l *line) budget(t *testing.T, amount tollgate.Money, hard bool) {
	t.Helper()
	_, err := l.gateway.Admin.SetBudget(t.Context(), api.NewBudget{
		Scope: "developer:ann@example.com", AmountNanoUSD: int64(amount), Period: "month", Hard: &hard,
	})
	if err != nil {
		t.Fatal(err)
	}
}

// spend has ann pay more than a hundred dollars for one request, beside which
// all that the client asks is next to nothing, and returns how much.
func (l *line) spend(t *testing.T) tollgate.Money {
	t.Helper()
	request := l.gateway.Request(t, "/v1/messages", `{"model":"claude-opus-5-5","max_tokens":100,"messages":[{"role":"user","content":"Hello [[simulate: usage.both.output_tokens=20000000]]"}]}`)
	request.Header.Set("Anthropic-Version", "2023-06-01")
	status, answer := gatewaytest.Do(t, request)
	spent := l.gateway.WaitRows(t, 1)[0].Cost
	if status != http.StatusOK || spent < 100*tollgate.Dollar {
		t.Fatalf("%d %s cost %v", status, answer, spent)
	}
	return spent
}

// asked are the client's requests of a path, and the status of each answer.
func (l *line) asked(t *testing.T, path string) (all []exchange) {
	t.Helper()
	for _, one := range l.wire.exchanges(t) {
		if at, _, _ := strings.Cut(one.path, "?"); at == path {
			all = append(all, one)
		}
	}
	return all
}

// TestPromise4_ASpentBudgetIsSaidInOneRequest: the first request spends the
// budget, the next run of the client asks once and prints the sentence, alone
// if its key is one that it takes for a gateway's.
func TestPromise4_ASpentBudgetIsSaidInOneRequest(t *testing.T) {
	t.Parallel()
	for _, test := range styles {
		t.Run(test.style.String(), func(t *testing.T) {
			t.Parallel()
			l := newLine(t, withHelp)
			l.budget(t, tollgate.Dollar/100, true)
			c := l.newClient(t, "ANTHROPIC_AUTH_TOKEN="+test.style.Write(l.gateway.Key))
			if got := c.run(t, "Hello"); got.code != 0 || !strings.Contains(got.text, "Hello from a simulated") {
				t.Fatalf("with money left the client printed %+v", got)
			}
			begin, before := time.Now(), len(l.asked(t, "/v1/messages"))
			got := c.run(t, "Hello")
			t.Logf("the refusal was printed %s after the client was started", time.Since(begin).Round(time.Millisecond))
			tries := l.asked(t, "/v1/messages")[before:]
			if len(tries) != 1 || tries[0].status != http.StatusTooManyRequests {
				t.Fatalf("the client tried %d times", len(tries))
			}
			said := sentence(t, tries[0].answer)
			if got.code != 1 || strings.TrimSpace(got.text) != test.before+said {
				t.Errorf("the client printed %+v, want %q", got, test.before+said)
			}
			for _, part := range []string{"monthly budget of developer ann@example.com is spent: $0.", " of $0.01", "Europe/Berlin", "ask in #llm-budget"} {
				if !strings.Contains(said, part) {
					t.Errorf("the sentence does not say %q: %s", part, said)
				}
			}
			if rows := l.gateway.WaitRows(t, 2); rows[1].Status != http.StatusTooManyRequests || rows[1].Cost != 0 || len(l.provider.Received()) != 1 {
				t.Errorf("the row of the refusal is %+v", rows[1])
			}
		})
	}
}

// sentence is the message of a refusal.
func sentence(t *testing.T, answer []byte) string {
	t.Helper()
	var envelope struct {
		Error struct{ Type, Message string }
	}
	if err := json.Unmarshal(answer, &envelope); err != nil || envelope.Error.Type != "billing_error" {
		t.Fatalf("the refusal is %s, %v", answer, err)
	}
	return envelope.Error.Message
}

// TestPromise4_WhatIsFreeIsNotRefused: with a budget that is spent the client
// still counts tokens and finds models.
func TestPromise4_WhatIsFreeIsNotRefused(t *testing.T) {
	t.Parallel()
	l := newLine(t, "")
	l.budget(t, 0, true)
	c := l.newClient(t, "ANTHROPIC_AUTH_TOKEN="+l.gateway.Key, "CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY=1")
	c.set("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "")
	if got := c.run(t, "/context"); got.code != 0 {
		t.Fatalf("the client printed %+v", got)
	}
	counts := l.asked(t, "/v1/messages/count_tokens")
	for _, one := range append(counts, l.asked(t, "/v1/models")...) {
		if one.status != http.StatusOK {
			t.Errorf("%s %s: %d %s", one.method, one.path, one.status, one.answer)
		}
	}
	if len(counts) < 10 || len(l.asked(t, "/v1/models")) == 0 {
		t.Errorf("the client counted tokens %d times and asked %d times for models", len(counts), len(l.asked(t, "/v1/models")))
	}
	c.checkPicker(t, l.wire.url)
}

func TestPromise4_ASoftBudgetNeverRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range styles {
		t.Run(test.style.String(), func(t *testing.T) {
			t.Parallel()
			l := newLine(t, "")
			l.budget(t, 0, false)
			c := l.newClient(t, "ANTHROPIC_AUTH_TOKEN="+test.style.Write(l.gateway.Key))
			for range 2 {
				if got := c.run(t, "Hello"); got.code != 0 || !strings.Contains(got.text, "Hello from a simulated") {
					t.Errorf("the client printed %+v", got)
				}
			}
		})
	}
}

// TestPromise4_TheInteractiveClientWarns of a budget of which 76 %, and then
// 95 %, are spent, and shows the sentence alone once nothing is left. What it
// asks when it starts is answered by the gateway, and paid by nobody.
func TestPromise4_TheInteractiveClientWarns(t *testing.T) {
	t.Parallel()
	l := newLine(t, withHelp)
	spent := l.spend(t)
	part := func(percent tollgate.Money) { l.budget(t, spent/percent*100, true) }
	part(50)
	c := l.newClient(t, "ANTHROPIC_AUTH_TOKEN="+tollgate.JWTKey.Write(l.gateway.Key))
	c.set("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "")
	term := c.open(t)
	for _, step := range []struct {
		percent tollgate.Money
		want    string
	}{{76, "You've used 76% of your usage credits · resets "}, {95, "You've used 95% of your usage credits · resets "}} {
		part(step.percent)
		term.say(t, "Hello")
		term.await(t, step.want)
		term.awaitGone(t, step.want) // while one warning is shown, the client shows no other
	}
	l.budget(t, 0, true)
	term.say(t, "Hello again")
	shown := term.await(t, "The monthly budget of developer ann@example.com is spent: ")
	refused := l.asked(t, "/v1/messages")
	refused = slices.DeleteFunc(refused, func(x exchange) bool { return x.status != http.StatusTooManyRequests })
	if said := sentence(t, refused[0].answer); !strings.HasPrefix(shown, "● "+said[:100]) {
		t.Errorf("the client shows %q, want %q alone", shown, said)
	}
	l.checkProbe(t)
}

// checkProbe holds that the client has asked one quota probe, which the gateway
// answered by itself.
func (l *line) checkProbe(t *testing.T) {
	t.Helper()
	probes := l.asked(t, "/v1/messages")
	probes = slices.DeleteFunc(probes, func(x exchange) bool { return !strings.Contains(string(x.body), `"content":"quota"`) })
	if len(probes) != 1 || probes[0].status != http.StatusOK || probes[0].answerHeader.Get("Anthropic-Ratelimit-Unified-Overage-Utilization") == "" {
		t.Fatalf("the client asked %+v", probes)
	}
	rows := l.gateway.Rows(t)
	at := slices.IndexFunc(rows, func(row *tollgate.Exchange) bool { return row.RequestDigest == requestDigest(probes[0].body) })
	if at < 0 || rows[at].Status != http.StatusOK || rows[at].Upstream != "" || rows[at].Cost != 0 {
		t.Errorf("its row is the %d. of %+v", at+1, rows)
	}
	for _, one := range l.provider.Received() {
		if string(one.Body) == string(probes[0].body) {
			t.Error("the provider has seen it")
		}
	}
}

// TestUsageIsShown where the client asks for it: when it is told that there is
// a gateway.
func TestUsageIsShown(t *testing.T) {
	t.Parallel()
	l := newLine(t, withHelp)
	spent := l.spend(t)
	l.budget(t, spent/76*100, true)
	c := l.newClient(t, "ANTHROPIC_AUTH_TOKEN="+tollgate.JWTKey.Write(l.gateway.Key), "CLAUDE_CODE_USE_GATEWAY=1")
	term := c.open(t)
	term.say(t, "/usage")
	term.await(t, "76% used")
	shown := term.await(t, " spent this month · Resets ")
	if want := fmt.Sprintf("%s / %s spent", spent.Rounded(), (spent / 76 * 100).Rounded()); !strings.HasPrefix(shown, want) {
		t.Errorf("the client shows %s, want %s", shown, want)
	}
	if asked := l.asked(t, "/api/oauth/usage"); len(asked) == 0 || asked[0].status != http.StatusOK {
		t.Errorf("the client asked %+v", asked)
	}
}
