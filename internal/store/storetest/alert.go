package storetest

import (
	"testing"
	"time"

	"tollgate"
	"tollgate/internal/store"
)

// alert is one about a monthly budget that ann shares with nobody.
func alert(threshold int, sink string) tollgate.Alert {
	return tollgate.Alert{
		Budget: "bgt_1", Member: tollgate.Scope{Kind: tollgate.ScopeDeveloper, Name: "ann@example.com"},
		Start: start, Threshold: threshold, Sink: sink, Raised: start.Add(time.Hour),
		Text: tollgate.AlertText{
			Scope: tollgate.Scope{Kind: tollgate.ScopeTeam, Name: "core: äöü"}, Period: tollgate.PeriodWeek, Models: []string{"claude-*"}, Hard: true,
			Limit: 5_000_000_000, Spent: 4_000_000_001, Reset: start.AddDate(0, 0, 7),
		},
	}
}

func next(t *testing.T, s *store.Store, sink string) *tollgate.Alert {
	t.Helper()
	found, waits, err := s.NextAlert(t.Context(), sink)
	must(t, err)
	if !waits {
		return nil
	}
	return &found
}

func raise(t *testing.T, s *store.Store, alerts ...tollgate.Alert) {
	t.Helper()
	must(t, s.RaiseAlerts(t.Context(), alerts))
}

func testAlert(t *testing.T, s *store.Store) {
	whole, bare := alert(80, "hook"), tollgate.Alert{
		Budget: "bgt_2", Threshold: 50, Sink: "chat", Raised: start,
		Text: tollgate.AlertText{Scope: tollgate.Scope{Kind: tollgate.ScopeOrg}, Period: tollgate.PeriodTotal, Limit: 1, Spent: 1},
	}
	raise(t, s, whole, bare)
	want(t, "alert", next(t, s, "hook"), &whole)
	want(t, "alert on a total", next(t, s, "chat"), &bare)
	want(t, "alert for nobody", next(t, s, "mail"), nil)

	whole.Attempts, whole.Error = 2, "it answered with status 500"
	must(t, s.NoteAlert(t.Context(), whole))
	want(t, "alert after a failure", next(t, s, "hook"), &whole)
	whole.Delivered = start.Add(2 * time.Hour)
	must(t, s.NoteAlert(t.Context(), whole))
	want(t, "alert after delivery", next(t, s, "hook"), nil)
	wantKind(t, s.NoteAlert(t.Context(), alert(95, "hook")), tollgate.NotFound)
}

// AlertsOnce holds promise 4: nobody is told twice of a threshold in a window,
// nor of a lower one afterwards, whatever became of the first.
func AlertsOnce(t *testing.T, s *store.Store) {
	deliver := func(threshold int) {
		t.Helper()
		waits := next(t, s, "hook")
		if waits == nil || waits.Threshold != threshold {
			t.Fatalf("%+v waits, want %d %%", waits, threshold)
		}
		waits.Delivered = start
		must(t, s.NoteAlert(t.Context(), *waits))
	}
	raise(t, s, alert(80, "hook"), alert(80, "hook"))
	raise(t, s, alert(80, "hook"))
	deliver(80)
	raise(t, s, alert(80, "hook"), alert(50, "hook"))
	want(t, "what waits after the lower one", next(t, s, "hook"), nil)
	raise(t, s, alert(95, "hook"))
	deliver(95)
	for name, change := range map[string]func(*tollgate.Alert){
		"budget": func(a *tollgate.Alert) { a.Budget = "bgt_2" },
		"member": func(a *tollgate.Alert) { a.Member.Name = "bob@example.com" },
		"window": func(a *tollgate.Alert) { a.Start = a.Text.Reset },
	} {
		other := alert(50, "hook")
		change(&other)
		raise(t, s, other)
		if waits := next(t, s, "hook"); waits == nil {
			t.Errorf("another %s is not told", name)
			continue
		}
		deliver(50)
	}
}

func testAlertsAllOrNothing(t *testing.T, s *store.Store) {
	bad := alert(50, "hook")
	bad.Budget = ""
	wantKind(t, s.RaiseAlerts(t.Context(), []tollgate.Alert{alert(50, "hook"), bad}), tollgate.Invalid)
	want(t, "what waits", next(t, s, "hook"), nil)
}

func testAlertOrder(t *testing.T, s *store.Store) {
	early, late, failed := alert(50, "hook"), alert(50, "hook"), alert(50, "hook")
	early.Budget, late.Budget, failed.Budget = "bgt_early", "bgt_late", "bgt_failed"
	late.Raised, failed.Raised = early.Raised.Add(time.Minute), early.Raised.Add(-time.Minute)
	raise(t, s, late, failed, early)
	failed.Attempts = 1
	must(t, s.NoteAlert(t.Context(), failed))
	for _, budget := range []string{"bgt_early", "bgt_late", "bgt_failed"} {
		waits := next(t, s, "hook")
		want(t, "next", waits.Budget, budget)
		waits.Delivered = start
		must(t, s.NoteAlert(t.Context(), *waits))
	}
}

func testGiveUpAlerts(t *testing.T, s *store.Store) {
	ctx := t.Context()
	waiting, delivered, total := alert(50, "hook"), alert(50, "chat"), alert(50, "mail")
	total.Start, total.Text.Reset = time.Time{}, time.Time{}
	raise(t, s, waiting, delivered, total)
	delivered.Delivered = start
	must(t, s.NoteAlert(ctx, delivered))
	end := waiting.Text.Reset

	given, err := s.GiveUpAlerts(ctx, end, end)
	must(t, err)
	want(t, "given up at the end", len(given), 0)
	given, err = s.GiveUpAlerts(ctx, end.Add(time.Second), end.Add(time.Hour))
	must(t, err)
	waiting.GivenUp = end.Add(time.Hour)
	want(t, "given up after it", given, []tollgate.Alert{waiting})
	want(t, "what waits", next(t, s, "hook"), nil)
	raise(t, s, alert(50, "hook"))
	want(t, "what waits when it is raised again", next(t, s, "hook"), nil)

	_, err = s.GiveUpAlerts(ctx, end.AddDate(0, 3, 0), end.AddDate(0, 3, 0))
	must(t, err)
	raise(t, s, alert(50, "hook"))
	if next(t, s, "hook") == nil {
		t.Error("it is remembered for ever")
	}
	want(t, "what waits about a total", next(t, s, "mail"), &total)
}
