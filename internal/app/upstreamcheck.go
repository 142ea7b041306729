package app

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"tollgate"
	"tollgate/internal/dialect"
	"tollgate/internal/jsonedit"
	"tollgate/internal/payload"
	"tollgate/internal/upstream"
	"tollgate/internal/upstream/explain"
)

// checkBound is how long an upstream has to answer a check.
const checkBound = 30 * time.Second

// CheckUpstream implements admin.Fleet. It asks one model for one token, which
// costs some thousandths of a cent: counting tokens would be free, but not every
// provider does it, and it proves nothing of a grant to use the model. One check
// runs at a time.
func (f fleet) CheckUpstream(ctx context.Context, name string) (tollgate.UpstreamCheck, error) {
	_, snapshot := f.inForce()
	to := snapshot.Upstreams[name]
	if to == nil {
		return tollgate.UpstreamCheck{}, tollgate.Errorf(tollgate.NotFound, "there is no upstream %q; see tollgate upstream list", name)
	}
	if !f.checking.TryLock() {
		return tollgate.UpstreamCheck{}, tollgate.Errorf(tollgate.Conflict, "another check of an upstream is running; try again in a moment")
	}
	defer f.checking.Unlock()
	model, routed := cheapest(modelsOf(snapshot, name))
	check := tollgate.UpstreamCheck{Upstream: name, Model: model.Model, Name: model.Name}
	if !routed {
		check.Remedy = "no route sends a model here; add one, or take the upstream out of the configuration"
		return check, nil
	}
	ctx, cancel := context.WithTimeout(ctx, checkBound)
	defer cancel()
	ask(ctx, to, &check)
	return check, nil
}

// cheapest is the model to ask for one token: a small one, if there is.
func cheapest(models []tollgate.UpstreamModel) (tollgate.UpstreamModel, bool) {
	if len(models) == 0 {
		return tollgate.UpstreamModel{}, false
	}
	at := slices.IndexFunc(models, func(m tollgate.UpstreamModel) bool { return strings.Contains(m.Model, "haiku") })
	return models[max(at, 0)], true
}

// ask makes the request, and writes down what came of it.
func ask(ctx context.Context, to *upstream.Upstream, check *tollgate.UpstreamCheck) {
	name, _ := json.Marshal(check.Model) // a string always marshals
	body := []byte(`{"model":` + string(name) + `,"max_tokens":1,"messages":[{"role":"user","content":"."}]}`)
	out, err := to.Prepare(tollgate.Call{
		Operation: tollgate.Messages, Door: dialect.Messages, Dialect: dialect.Messages, Model: check.Model, Spelled: check.Model,
		Version: "2023-06-01", MaxTokens: 1, Header: http.Header{"Content-Type": {"application/json"}, "Anthropic-Version": {"2023-06-01"}},
	}, jsonedit.Open(body), check.Name)
	if err != nil {
		check.Remedy = err.Error()
		return
	}
	sent, err := payload.Of(out.Body.AppendTo(nil), smallRoom{})
	if err != nil {
		check.Remedy = err.Error()
		return
	}
	defer sent.Release()
	begun := time.Now()
	answer, err := to.Send(ctx, out, sent, tollgate.Principal{})
	check.Latency = time.Since(begun)
	if err != nil {
		check.Said = tollgate.HideKeys(err.Error())
		check.Remedy = "there was no answer (" + check.Said + "): check the address, the network between, and where its credential comes from"
		return
	}
	defer answer.Body.Close()
	judge(to, answer, check)
}

// judge reads the answer.
func judge(to *upstream.Upstream, answer *http.Response, check *tollgate.UpstreamCheck) {
	check.Reachable, check.Status = true, answer.StatusCode
	switch {
	case answer.StatusCode < http.StatusMultipleChoices:
		if check.Served = isMessage(answer.Body); !check.Served {
			check.Remedy = "it answers with something that is no message: what stands at this address is not the provider, or something on the way answers in its place"
		}
		check.Accepted = check.Served
		return
	case answer.StatusCode == http.StatusUnauthorized:
		check.Remedy = "its credential is not accepted: renew the one in the configuration"
	case answer.StatusCode == http.StatusForbidden:
		check.Remedy = "it refuses the credential, or the account may not use this model: check the key and what it may do, grant the account access at the provider, or route the model elsewhere"
	case answer.StatusCode == http.StatusNotFound, answer.StatusCode == http.StatusBadRequest:
		check.Accepted = true
		check.Remedy = "it does not serve the model under this name: set models[].upstream_ids, or route the model elsewhere"
	case answer.StatusCode == http.StatusTooManyRequests, answer.StatusCode == 529:
		check.Accepted, check.Served = true, true
		check.Remedy = "it is reached, and limits the gateway just now; see the account's quota"
	default:
		check.Remedy = "it is out of order, or what stands at this address is not the provider; try again"
	}
	text, _ := io.ReadAll(io.LimitReader(answer.Body, 64<<10)) // as much of it as came
	check.Said = explain.Of(to.Provider, tollgate.Messages, answer.StatusCode, answer.Header, text).Cause
}

// isMessage says whether an answer is one of the Messages API, as every provider
// gives it.
func isMessage(body io.Reader) bool {
	text, err := io.ReadAll(io.LimitReader(body, 1<<20))
	kind, _ := jsonedit.Find(text, "type")
	word, _ := kind.Text()
	return err == nil && word == "message"
}

// smallRoom always has room for a body of a hundred bytes.
type smallRoom struct{}

func (smallRoom) Take(int64) bool { return true }
func (smallRoom) Give(int64)      {}
