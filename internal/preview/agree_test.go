package preview_test

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"tollgate"
	"tollgate/api"
	"tollgate/internal/gatewaytest"
)

// question is one request of a run: by whom, and how dear its answer is.
type question struct {
	caller string
	output int
}

// refusedOf is which requests of a run were refused, by their place in it.
type refusedOf map[string][]int

// TestPromise4_PreviewsSayWhatGatewaysDo lets the same requests come, one after
// another, to a gateway with a budget and to one without, and compares what the
// one refused with what the other says that it would have.
func TestPromise4_PreviewsSayWhatGatewaysDo(t *testing.T) {
	t.Parallel()
	provider := httptest.NewServer(http.HandlerFunc(answerAsAsked))
	t.Cleanup(provider.Close)
	for name, budget := range map[string]api.NewBudget{
		"organisation": {Scope: "org", AmountNanoUSD: 150_000_000},
		"each":         {Scope: "team:core", AmountNanoUSD: 90_000_000, Each: true},
		"developer":    {Scope: "developer:bob@example.com", AmountNanoUSD: 60_000_000},
		"models":       {Scope: "org", AmountNanoUSD: 60_000_000, Models: []string{"claude-opus-5-5"}},
		"other models": {Scope: "org", AmountNanoUSD: 1, Models: []string{"claude-haiku-*"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			budget.Period = string(tollgate.PeriodTotal) // that no midnight comes in between
			run := newRun()
			under, without := newHouse(t, provider.URL), newHouse(t, provider.URL)
			_, err := under.Admin.SetBudget(t.Context(), budget)
			must(t, err)
			really := under.ask(t, run)
			without.ask(t, run)
			p, err := without.Admin.PreviewBudget(t.Context(), api.BudgetPreview{NewBudget: budget})
			must(t, err)
			compare(t, p, really, without.Rows(t))
		})
	}
}

// newRun is a run that is another one each time.
func newRun() (run []question) {
	for range 24 {
		caller := "ann"
		if rand.IntN(2) == 0 {
			caller = "bob"
		}
		run = append(run, question{caller, 1 + rand.IntN(1500)})
	}
	return run
}

// answerAsAsked consumes as many tokens as the request allows.
func answerAsAsked(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		MaxTokens int `json:"max_tokens"`
	}
	body, _ := io.ReadAll(r.Body)
	_ = json.Unmarshal(body, &asked)
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"id":"msg_1","type":"message","role":"assistant","model":"claude-opus-5-5","content":[],"stop_reason":"end_turn","usage":{"input_tokens":10,"output_tokens":%d}}`, asked.MaxTokens)
}

// house is a gateway with keys of two developers.
type house struct {
	*gatewaytest.Gateway
	keys map[string]string
}

func newHouse(t *testing.T, provider string) house {
	t.Helper()
	g := gatewaytest.Start(t, gatewaytest.Options{Upstream: provider})
	_, err := g.Admin.CreateDeveloper(t.Context(), api.NewDeveloper{Email: "bob@example.com", Team: "core"})
	must(t, err)
	key, err := g.Admin.CreateKey(t.Context(), api.NewKey{Developer: "bob@example.com"})
	must(t, err)
	return house{g, map[string]string{"ann": g.Key, "bob": key.Key}}
}

// ask lets each request come when the one before is accounted for.
func (h house) ask(t *testing.T, run []question) refusedOf {
	t.Helper()
	refused := refusedOf{}
	for n, q := range run {
		request := h.Request(t, "/v1/messages", fmt.Sprintf(`{"model":"claude-opus-5-5","max_tokens":%d,"messages":[{"role":"user","content":"hi"}]}`, q.output))
		request.Header.Set("X-Api-Key", h.keys[q.caller])
		switch status, answer := gatewaytest.Do(t, request); status {
		case http.StatusOK:
		case http.StatusTooManyRequests:
			whom := "developer:" + q.caller + "@example.com"
			refused[whom] = append(refused[whom], n)
		default:
			t.Fatalf("status %d: %s", status, answer)
		}
		h.WaitRows(t, n+1)
		h.settled(t)
	}
	return refused
}

// settled returns when no money is held.
func (h house) settled(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); h.App().Holds() > 0; {
		if time.Now().After(deadline) {
			t.Fatal("money is still held for a request that has its row")
		}
	}
}

// compare holds a preview against what was refused. rows are those that the
// preview was made from, in the order of the run.
func compare(t *testing.T, p api.Preview, really refusedOf, rows []*tollgate.Exchange) {
	t.Helper()
	var refused int
	var saved tollgate.Money
	for _, places := range really {
		refused += len(places)
		for _, n := range places {
			saved += rows[n].Cost
		}
	}
	if int(p.Refused) != refused || len(p.Refusals) != len(really) || p.SavedNanoUSD != int64(saved) {
		t.Errorf("the gateway refused %v, worth %s, and the preview says %+v", really, saved, p)
	}
	for _, r := range p.Refusals {
		places := really[r.Whom]
		if len(places) != int(r.Refused) {
			t.Fatalf("the gateway refused %s %v, and the preview says %+v", r.Whom, places, r)
		}
		first, last := rows[places[0]].Time, rows[places[len(places)-1]].Time
		if !first.Equal(r.First) || !last.Equal(r.Last) {
			t.Errorf("the gateway refused %s %v, which came from %s to %s, and the preview says %+v", r.Whom, places, first, last, r)
		}
	}
}
