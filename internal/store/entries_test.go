package store_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tollgate"
)

// found are the ids that a question finds, over pages of three.
func found(t *testing.T, a *auditedStore, query tollgate.AuditQuery) (ids []string) {
	t.Helper()
	query.Limit = 3
	for {
		page, next, err := a.Trail().Entries(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page {
			if len(e.Line) == 0 || !strings.Contains(string(e.Line), `"`+e.ID+`"`) || !strings.Contains(string(e.Line), `"outcome":"`+e.Outcome+`"`) {
				t.Errorf("%+v has the record %s", e, e.Line)
			}
			ids = append(ids, e.ID)
		}
		if query.Cursor = next; next == "" {
			return ids
		}
	}
}

// TestPromise5_RecordsAreFound by each of what they can be looked for by, newest
// first, requests among events.
func TestPromise5_RecordsAreFound(t *testing.T) {
	a := newAudited(t)
	add := func(change func(x *tollgate.Exchange)) string {
		a.at = a.at.Add(time.Second)
		x := usual(a.at)
		change(x)
		if err := a.Append(t.Context(), []*tollgate.Exchange{x}); err != nil {
			t.Fatal(err)
		}
		return x.ID
	}
	note := func(action, actor, object, outcome string) string {
		a.at = a.at.Add(time.Second)
		e := tollgate.AuditEvent{ID: tollgate.NewEventID(a.at), Time: a.at, Action: tollgate.AuditAction(action), Actor: actor, Object: object, Outcome: outcome}
		if err := a.Note(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		return e.ID
	}
	bobs, err := a.Person(t.Context(), "bob@example.com")
	if err != nil {
		t.Fatal(err)
	}
	plain := add(func(*tollgate.Exchange) {})
	begun := a.at
	bob := add(func(x *tollgate.Exchange) {
		x.Developer, x.Team, x.Key, x.Session = "bob@example.com", "sales", "bbbbbbbbbbbb", "s2"
	})
	created := note("key.create", "admin:root", "bbbbbbbbbbbb", "done")
	raised := note("budget.set", "admin:root", "developer:"+bobs, "done")
	joined := note("developer.create", "admin:eve", bobs, "refused")
	refused := add(func(x *tollgate.Exchange) { x.Upstream, x.Status, x.Error = "", 403, "permission_error" })
	failed := add(func(x *tollgate.Exchange) { x.Status, x.Error, x.Model = 529, "overloaded_error", "claude-haiku" })
	hung := add(func(x *tollgate.Exchange) { x.Status, x.Error = 200, "client_hung_up" })
	checked := note("upstream.check", "admin:root", "anthropic", "failed")
	everything := []string{checked, hung, failed, refused, joined, raised, created, bob, plain}
	for _, test := range []struct {
		where string
		want  []string
	}{
		{"", everything},
		{"developer=bob@example.com", []string{joined, raised, bob}},
		{"person=" + bobs, []string{joined, raised, bob}},
		{"developer=nobody@example.com", nil},
		{"team=sales", []string{bob}},
		{"key=bbbbbbbbbbbb", []string{created, bob}},
		{"session=s2", []string{bob}},
		{"model=claude-haiku", []string{failed}},
		{"upstream=anthropic", []string{checked, hung, failed, bob, plain}},
		{"outcome=answered", []string{bob, plain}},
		{"outcome=refused", []string{refused, joined}},
		{"outcome=failed", []string{checked, hung, failed}},
		{"outcome=failed&outcome=refused", []string{checked, hung, failed, refused, joined}},
		{"outcome=failed&outcome=answered", []string{checked, hung, failed, bob, plain}},
		{"outcome=done", []string{raised, created}},
		{"outcome=nothing", nil},
		{"action=request", []string{hung, failed, refused, bob, plain}},
		{"action=key.*&action=budget.*", []string{raised, created}},
		{"action=request&outcome=refused", []string{refused}},
		{"action=request&model=claude-haiku&outcome=failed", []string{failed}},
		{"model=claude-haiku&outcome=answered", nil},
		{"actor=admin:eve", []string{joined}},
		{"object=developer:bob@example.com", []string{raised}},
		{"object=" + bobs, []string{joined}},
		{"object=bob@example.com", []string{joined}},
		{"team=' OR 1=1 --", nil},
	} {
		where := map[string][]string{}
		for _, term := range strings.FieldsFunc(test.where, func(r rune) bool { return r == '&' }) {
			name, value, _ := strings.Cut(term, "=")
			where[name] = append(where[name], value)
		}
		if got := found(t, a, tollgate.AuditQuery{Where: where}); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, not %v", test.where, got, test.want)
		}
	}
	for i, got := range [][]string{
		found(t, a, tollgate.AuditQuery{Since: begun.Add(time.Second)}),
		found(t, a, tollgate.AuditQuery{Until: begun.Add(time.Second)}),
		found(t, a, tollgate.AuditQuery{Since: begun.Add(time.Second), Until: begun.Add(3 * time.Second)}),
	} {
		if want := [][]string{everything[:8], {plain}, {created, bob}}[i]; !slices.Equal(got, want) {
			t.Errorf("span %d: %v, not %v", i, got, want)
		}
	}
	for _, id := range []string{plain, created, a.Chain() + "/1"} {
		if r, err := a.Trail().Record(t.Context(), id); err != nil || len(r.Line) == 0 || r.Chain != a.Chain() {
			t.Errorf("%s: %+v, %v", id, r, err)
		}
	}
	for _, id := range []string{"", "x", "req_x", "evt_x", a.Chain() + "/0", a.Chain() + "/99", a.Chain() + "/x", "chn_x/1"} {
		if _, err := a.Trail().Record(t.Context(), id); !tollgate.IsKind(err, tollgate.NotFound) {
			t.Errorf("%q: %v", id, err)
		}
	}
	for _, query := range []tollgate.AuditQuery{{}, {Limit: 1, Cursor: "x"}, {Limit: 1, Where: map[string][]string{"action": {"*.create"}}}, {Limit: 1, Where: map[string][]string{"weather": {"fine"}}}} {
		if _, _, err := a.Trail().Entries(t.Context(), query); !tollgate.IsKind(err, tollgate.Invalid) {
			t.Errorf("%+v: %v", query, err)
		}
	}
}

// TestTheNewestAreTheNewest: what is found through profiles is what reading
// everything finds, however the requests lie.
func TestTheNewestAreTheNewest(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "tollgate.db"))
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var batch []*tollgate.Exchange
	for i := range 14_000 { // more than are looked through one by one
		x := usual(at.Add(time.Duration(i) * time.Second))
		x.Developer = fmt.Sprintf("%d@example.com", i*i%97)
		x.Session, x.Model = fmt.Sprint(i/40), fmt.Sprint("model-", i/3000)
		if i%50 == 0 {
			x.Status, x.Error = 400+i%3*100, "some_error"
		}
		if i%100 == 0 {
			x.Upstream = ""
		}
		batch = append(batch, x)
	}
	if err := s.Append(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	slices.Reverse(batch)
	for name, test := range map[string]struct {
		where map[string][]string
		of    func(x *tollgate.Exchange) bool
	}{
		"a model of long ago":  {map[string][]string{"model": {"model-0"}}, func(x *tollgate.Exchange) bool { return x.Model == "model-0" }},
		"a session":            {map[string][]string{"session": {"17"}}, func(x *tollgate.Exchange) bool { return x.Session == "17" }},
		"a developer":          {map[string][]string{"developer": {"4@example.com"}}, func(x *tollgate.Exchange) bool { return x.Developer == "4@example.com" }},
		"a developer's errors": {map[string][]string{"developer": {"6@example.com"}, "status": {"500", "600"}}, func(x *tollgate.Exchange) bool { return x.Developer == "6@example.com" && x.Status >= 500 }},
		"two models and errors": {map[string][]string{"model": {"model-0", "model-1"}, "error": {"some_error"}}, func(x *tollgate.Exchange) bool {
			return x.Error != "" && (x.Model == "model-0" || x.Model == "model-1")
		}},
		"nobody's": {map[string][]string{"developer": {"nobody"}}, func(*tollgate.Exchange) bool { return false }},
	} {
		for _, limit := range []int{1, 7, 100, 1000} {
			var want []string
			for _, x := range batch {
				if test.of(x) && len(want) < limit {
					want = append(want, x.ID)
				}
			}
			rows, _, err := s.Requests(t.Context(), tollgate.RequestQuery{Where: test.where, Limit: limit})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, x := range rows {
				got = append(got, x.ID)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s, %d: %d rows, not the %d that there are", name, limit, len(got), len(want))
			}
		}
	}
}
