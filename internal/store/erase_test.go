package store_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tollgate"
)

// traces are the places in the database's files where a text stands, in small
// letters or with a capital.
func traces(t *testing.T, path, text string) (found []string) {
	t.Helper()
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		content, err := os.ReadFile(name)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		for _, spelling := range []string{text, strings.ToTitle(text[:1]) + text[1:]} {
			if at := bytes.Index(content, []byte(spelling)); at >= 0 {
				found = append(found, filepath.Base(name)+": "+string(content[max(0, at-60):min(len(content), at+60)]))
			}
		}
	}
	return found
}

// theirs fills the database with a person: keys, budgets, raises, rows, alerts,
// what bodies are sealed to, and what is recorded of all that.
func theirs(t *testing.T, a *auditedStore, email string) (person string) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(a.CreateDeveloper(t.Context(), tollgate.Developer{Email: email, Name: "Canary Bird"}))
	key := tollgate.Key{ID: tollgate.NewRequestID(a.at)[4:16], Developer: email, Label: "canary's laptop", CreatedAt: a.at}
	if _, err := a.CreateKey(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	budget, err := a.SetBudget(t.Context(), tollgate.Budget{ID: tollgate.NewBudgetID(), Scope: tollgate.Scope{Kind: tollgate.ScopeOrg}, Period: tollgate.PeriodTotal, Each: true, Amount: tollgate.Dollar, CreatedAt: a.at})
	must(err)
	own := tollgate.Scope{Kind: tollgate.ScopeDeveloper, Name: email}
	_, err = a.SetBudget(t.Context(), tollgate.Budget{ID: tollgate.NewBudgetID(), Scope: own, Period: tollgate.PeriodDay, Amount: tollgate.Dollar, CreatedAt: a.at})
	must(err)
	_, err = a.SetLimit(t.Context(), tollgate.Limit{ID: tollgate.NewLimitID(), Scope: own, RequestsPerMinute: 9, CreatedAt: a.at})
	must(err)
	_, err = a.RaiseBudget(t.Context(), budget.ID, tollgate.Raise{ID: tollgate.NewRaiseID(), Member: tollgate.Scope{Kind: tollgate.ScopeDeveloper, Name: email}, By: tollgate.Dollar, From: a.at, Until: a.at.AddDate(1, 0, 0), Reason: "a migration", CreatedBy: "admin:x"})
	must(err)
	for range 3 {
		a.at = a.at.Add(time.Second)
		x := usual(a.at)
		x.Developer = email
		must(a.Append(t.Context(), []*tollgate.Exchange{x}))
	}
	person, err = a.Person(t.Context(), email)
	must(err)
	must(a.AddPersonKey(t.Context(), tollgate.PersonKey{Public: "age1" + person, Person: person, Recipients: "r", Wrapped: []byte("canary-key"), CreatedAt: a.at}))
	return person
}

// TestPromise5_WhoIsErasedIsNowhere: neither address nor name is in any file of
// the database, what was sealed has no key, and the log and the ledger are whole.
func TestPromise5_WhoIsErasedIsNowhere(t *testing.T) {
	a := newAudited(t)
	person := theirs(t, a, "canary@example.com")
	theirs(t, a, "a.canary@example.com") // another, whose address ends like it
	a.checkpoint(t)
	if len(traces(t, a.path, "canary@example.com")) == 0 {
		t.Fatal("it was never there")
	}
	erased, err := a.EraseDeveloper(t.Context(), "canary@example.com", a.at)
	if err != nil || erased != person {
		t.Fatalf("%s, %v", erased, err)
	}
	if keys, err := a.PersonKeys(t.Context(), person); err != nil || len(keys) != 0 {
		t.Errorf("%d keys, %v", len(keys), err)
	}

	// What was under way comes in under the pseudonym; nobody gets a new one.
	late := usual(a.at.Add(time.Second))
	late.Developer = "canary@example.com"
	if err := a.Append(t.Context(), []*tollgate.Exchange{late}); err != nil {
		t.Fatal(err)
	}
	if late.Developer != "canary@example.com" {
		t.Error("somebody else's request was changed")
	}
	if _, err := a.Person(t.Context(), "canary@example.com"); !tollgate.IsKind(err, tollgate.NotFound) {
		t.Errorf("a new key could be made: %v", err)
	}
	rows, _, err := a.Requests(t.Context(), tollgate.RequestQuery{Limit: 10, Where: map[string][]string{"developer": {person}}})
	if err != nil || len(rows) != 4 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
	if _, err := a.Developer(t.Context(), "canary@example.com"); !tollgate.IsKind(err, tollgate.NotFound) {
		t.Errorf("still in the register: %v", err)
	}
	if people, err := a.Developers(t.Context(), ""); err != nil || len(people) != 1 {
		t.Errorf("%v, %v", people, err)
	}
	a.checkpoint(t)
	if report := a.verify(t); !report.OK() || report.Rows != 7 {
		t.Errorf("%+v", report)
	}
	if _, err := a.EraseDeveloper(t.Context(), "canary@example.com", a.at); !tollgate.IsKind(err, tollgate.NotFound) {
		t.Errorf("erased twice: %v", err)
	}
	if _, err := a.EraseDeveloper(t.Context(), "a.canary@example.com", a.at); err != nil {
		t.Fatal(err)
	}
	if err := a.Overwrite(t.Context()); err != nil {
		t.Fatal(err)
	}
	if found := traces(t, a.path, "canary"); found != nil {
		t.Errorf("it stands in %q", found)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	a.open(t)
	if found := traces(t, a.path, "canary"); found != nil {
		t.Errorf("after a restart it stands in %v", found)
	}
	if report := a.verify(t); !report.OK() {
		t.Errorf("%+v", report)
	}

	// Who comes back is another person.
	if again := theirs(t, a, "canary@example.com"); again == person {
		t.Error("they have the pseudonym of before")
	}
}

// TestPromise5_WhomAHoldIsOnStays.
func TestPromise5_WhomAHoldIsOnStays(t *testing.T) {
	a := newAudited(t)
	person := theirs(t, a, "ada@example.com")
	nobody := tollgate.Hold{ID: tollgate.NewHoldID(), Scope: tollgate.Scope{Kind: tollgate.ScopeDeveloper, Name: "aad@example.com"}, Reason: "a slip", CreatedAt: a.at}
	if err := a.AddHold(t.Context(), nobody); !tollgate.IsKind(err, tollgate.NotFound) {
		t.Errorf("a hold on nobody: %v", err)
	}
	for _, scope := range []tollgate.Scope{{Kind: tollgate.ScopeOrg}, {Kind: tollgate.ScopeDeveloper, Name: "ada@example.com"}} {
		hold := tollgate.Hold{ID: tollgate.NewHoldID(), Scope: scope, Reason: "case 17", CreatedAt: a.at, CreatedBy: "admin:legal"}
		if err := a.AddHold(t.Context(), hold); err != nil {
			t.Fatal(err)
		}
		persons, all, err := a.HeldPersons(t.Context())
		if err != nil || all != (scope.Kind == tollgate.ScopeOrg) || strings.Join(persons, " ") != map[bool]string{false: person}[all] {
			t.Errorf("held: %v, %v, %v", persons, all, err)
		}
		if holds, err := a.Holds(t.Context()); err != nil || len(holds) != 1 || holds[0] != hold {
			t.Errorf("%+v, %v", holds, err)
		}
		if _, err := a.EraseDeveloper(t.Context(), "ada@example.com", a.at); !tollgate.IsKind(err, tollgate.Conflict) || !strings.Contains(err.Error(), "case 17") {
			t.Errorf("%v", err)
		}
		if _, err := a.RemoveHold(t.Context(), hold.ID, "settled"); err != nil {
			t.Fatal(err)
		}
		if _, err := a.RemoveHold(t.Context(), hold.ID, "settled"); !tollgate.IsKind(err, tollgate.NotFound) {
			t.Errorf("%v", err)
		}
	}
	said := strings.Join(a.lines(t), "\n")
	for _, want := range []string{`"action":"hold.add"`, `"scope":"developer:` + person + `","reason":"case 17"`, `"action":"hold.remove"`, `"reason":"settled"`} {
		if !strings.Contains(said, want) {
			t.Errorf("%s is not recorded in %s", want, said)
		}
	}
	if _, err := a.EraseDeveloper(t.Context(), "ada@example.com", a.at); err != nil {
		t.Error(err)
	}
}
