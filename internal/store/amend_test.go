package store_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"tollgate"
)

// TestPromise5_EveryChangeIsRecorded with who, what was before and what is after;
// with no secret, and nobody's name or address.
func TestPromise5_EveryChangeIsRecorded(t *testing.T) {
	a := newAudited(t)
	ctx := tollgate.WithActor(t.Context(), "admin:terraform")
	const email, name, label, hash = "canary.ann@example.com", "Canary Ann", "canary label", "canary-hash"
	key := tollgate.Key{ID: "abcdef012345", Developer: email, Label: label, CreatedAt: a.at, Secrets: []tollgate.KeySecret{{Hash: []byte(hash)}}}
	person := tollgate.Scope{Kind: tollgate.ScopeDeveloper, Name: email}
	budget := tollgate.Budget{ID: tollgate.NewBudgetID(), Scope: person, Period: tollgate.PeriodMonth, Hard: true, Amount: 500, CreatedAt: a.at}
	limit := tollgate.Limit{ID: "lim_1", Scope: person, RequestsPerMinute: 10, CreatedAt: a.at}
	steps := []struct {
		want []string // in the line
		do   func() error
	}{
		{[]string{`"action":"team.create"`, `"object":"core"`, `"after":{"name":"core"}`}, func() error { return a.CreateTeam(ctx, tollgate.Team{Name: "core"}) }},
		{[]string{`"action":"developer.create"`, `"object":"psn_`, `"after":{"person":"psn_`, `"team":"core"`}, func() error {
			return a.CreateDeveloper(ctx, tollgate.Developer{Email: email, Name: name, Team: "core"})
		}},
		{[]string{`"action":"key.create"`, `"object":"abcdef012345"`, `"secrets":1`}, func() error { _, err := a.CreateKey(ctx, key); return err }},
		{[]string{`"action":"key.rotate"`, `"before":{`, `"secrets":2`}, func() error {
			_, err := a.UpdateKey(ctx, key.ID, func(k *tollgate.Key) error {
				k.Secrets = append([]tollgate.KeySecret{{Hash: []byte(hash + "2")}}, k.Secrets...)
				return nil
			})
			return err
		}},
		{[]string{`"action":"budget.set"`, `"scope":"developer:psn_`, `"amount_nano_usd":500`}, func() error { _, err := a.SetBudget(ctx, budget); return err }},
		{[]string{`"action":"budget.set"`, `"before":{`, `"amount_nano_usd":500`, `"amount_nano_usd":700`}, func() error {
			budget.Amount = 700
			_, err := a.SetBudget(ctx, budget)
			return err
		}},
		{[]string{`"action":"budget.raise"`, `"by_nano_usd":9`, `"reason":"a release"`}, func() error {
			_, err := a.RaiseBudget(ctx, budget.ID, tollgate.Raise{ID: "rse_1", By: 9, From: a.at, Until: a.at.Add(time.Hour), Reason: "a release", CreatedBy: "admin:terraform"})
			return err
		}},
		{[]string{`"action":"budget.remove"`, `"before":{`}, func() error { return a.RemoveBudget(ctx, budget.ID) }},
		{[]string{`"action":"limit.set"`, `"scope":"developer:psn_`, `"requests_per_minute":10`}, func() error { _, err := a.SetLimit(ctx, limit); return err }},
		{[]string{`"action":"limit.set"`, `"before":{`, `"requests_per_minute":20`}, func() error {
			limit.RequestsPerMinute = 20
			_, err := a.SetLimit(ctx, limit)
			return err
		}},
		{[]string{`"action":"limit.remove"`, `"before":{`}, func() error { return a.RemoveLimit(ctx, limit.ID) }},
		{[]string{`"action":"developer.remove"`, `"object":"psn_`, `"after":{"revoked_keys":["abcdef012345"]}`}, func() error { _, err := a.RemoveDeveloper(ctx, email, a.at); return err }},
		{[]string{`"action":"team.remove"`, `"before":{"name":"core"}`}, func() error { return a.RemoveTeam(ctx, "core", a.at) }},
	}
	for i, step := range steps {
		if err := step.do(); err != nil {
			t.Fatal(step.want, err)
		}
		lines := a.lines(t)
		if len(lines) != i+1 {
			t.Fatalf("%d records after %d changes", len(lines), i+1)
		}
		for _, want := range append(step.want, `"actor":"admin:terraform"`, `"outcome":"done"`) {
			if !strings.Contains(lines[i], want) {
				t.Errorf("%s lacks %s", lines[i], want)
			}
		}
		if !json.Valid([]byte(lines[i])) {
			t.Errorf("%s is not JSON", lines[i])
		}
		for _, secret := range []string{email, name, label, hash, "Y2FuYXJ5", "63616e617279"} {
			if strings.Contains(lines[i], secret) {
				t.Errorf("%s holds %s", lines[i], secret)
			}
		}
	}
	if err := a.CreateTeam(ctx, tollgate.Team{}); err == nil || len(a.lines(t)) != len(steps) {
		t.Error("a change that was refused is recorded, or an empty team is none")
	}
}

// lines are those of the only chain.
func (a *auditedStore) lines(t *testing.T) (lines []string) {
	t.Helper()
	for record, err := range a.Trail().Lines(t.Context(), a.Chain(), 1) {
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(record.Line))
	}
	return lines
}

// TestPromise5_AnEventIsRecordedOnce, when nobody knew whether it was.
func TestPromise5_AnEventIsRecordedOnce(t *testing.T) {
	a := newAudited(t)
	event := tollgate.AuditEvent{ID: tollgate.NewEventID(a.at), Time: a.at, Action: "gateway.start", Actor: "gateway", Outcome: "done"}
	for range 2 {
		if err := a.Note(t.Context(), event); err != nil {
			t.Fatal(err)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := a.Note(ended, tollgate.AuditEvent{Time: a.at, Action: "gateway.stop", Actor: "gateway", Outcome: "done"}); err == nil {
		t.Error("it was recorded though its time was over")
	}
	if lines := a.lines(t); len(lines) != 1 {
		t.Errorf("%d records: %s", len(lines), lines)
	}
	if report := a.verify(t); !report.OK() || report.Records != 1 {
		t.Errorf("%+v", report)
	}
}
