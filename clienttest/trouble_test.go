package clienttest

import (
	"strings"
	"testing"

	"tollgate"
)

// TestWrongKeyEndsAtOnce holds that the client tries once and prints the
// gateway's own sentence: without x-should-retry it would try for minutes.
func TestWrongKeyEndsAtOnce(t *testing.T) {
	for name, key := range map[string]string{
		"foreign":      foreign,
		"never issued": tollgate.NewKeyString(tollgate.NewKeyID()),
	} {
		t.Run(name, func(t *testing.T) {
			l := newLine(t, "")
			got := l.newClient(t, "ANTHROPIC_AUTH_TOKEN="+key).run(t, "Hello")
			if got.code != 1 || !strings.HasPrefix(got.text, "Failed to authenticate. API Error: 401 ") {
				t.Errorf("the client printed %+v", got)
			}
			if tries := l.wire.exchanges(t); len(tries) != 1 {
				t.Errorf("the client tried %d times", len(tries))
			}
			if len(l.provider.Received()) != 0 || len(l.gateway.Rows(t)) != 0 {
				t.Error("a request without a key went on")
			}
		})
	}
}

// TestCutStreamIsMeteredTwice breaks the provider's first stream. The client
// goes on by itself, at its own choice with the same request again or with one
// that resumes the text, and both attempts are in the ledger.
func TestCutStreamIsMeteredTwice(t *testing.T) {
	l := newLine(t, "")
	c := l.newClient(t, "ANTHROPIC_AUTH_TOKEN="+l.gateway.Key)
	got := c.run(t, "Hello [[simulate: cut.after_events=8 times=1]]")
	if got.code != 0 || !strings.Contains(got.text, "Hello from a simulated") {
		t.Fatalf("the client printed %+v", got)
	}
	rows, tries := l.gateway.WaitRows(t, 2), l.wire.exchanges(t)
	if first, second := rows[0], rows[1]; !first.Estimated || first.Usage.Prompt() == 0 || first.Usage.Output == 0 || first.Cost == 0 || second.Estimated {
		t.Errorf("the rows are %+v and %+v", first, second)
	}
	for i, row := range rows {
		if row.RequestDigest != requestDigest(tries[i].body) || row.ResponseDigest != answerDigest(tries[i].answer) {
			t.Errorf("the digests of try %d are not those of its bytes", i)
		}
	}
}

// TestUpstreamErrorIsTheClientsToRead holds that an error of the provider
// reaches the developer in the provider's words.
func TestUpstreamErrorIsTheClientsToRead(t *testing.T) {
	l := newLine(t, "")
	c := l.newClient(t, "ANTHROPIC_AUTH_TOKEN="+l.gateway.Key)
	got := c.run(t, "Hello [[simulate: status=402 error.message='the simulated purse is empty']]")
	if got.code != 1 || !strings.Contains(got.text, "API Error: 402 the simulated purse is empty") {
		t.Errorf("the client printed %+v", got)
	}
	if rows := l.gateway.WaitRows(t, 1); rows[0].Status != 402 || rows[0].Cost != 0 {
		t.Errorf("the row is %+v", rows[0])
	}
}
