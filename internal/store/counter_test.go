package store_test

import (
	"path/filepath"
	"testing"
	"time"

	"tollgate"
	"tollgate/internal/store"
)

// dollar is a row of a service that costs one.
func dollar(at time.Time) *tollgate.Exchange {
	x := request(at)
	x.Principal, x.Cost = tollgate.Principal{Key: "k1", Service: "ci"}, tollgate.Dollar
	return x
}

// daily sets a budget of the organisation.
func daily(t *testing.T, s *store.Store, created time.Time, models ...string) tollgate.Budget {
	t.Helper()
	b, err := s.SetBudget(t.Context(), tollgate.Budget{
		ID: tollgate.NewBudgetID(), Scope: tollgate.Scope{Kind: tollgate.ScopeOrg}, Period: tollgate.PeriodDay, Models: models, CreatedAt: created,
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// spent is what the book says of a budget, by the day.
func spent(t *testing.T, s *store.Store, budget string) map[string]tollgate.Money {
	t.Helper()
	book, err := s.BudgetBook(t.Context(), time.Time{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	days := map[string]tollgate.Money{}
	for _, c := range book.Counters {
		if c.Budget == budget {
			days[c.Start.Format(time.DateOnly)] += c.Spent / tollgate.Dollar
		}
	}
	return days
}

// asThePreviousBinary adds a row like one that is there, as a tollgate did that
// knew no counters.
func asThePreviousBinary(t *testing.T, path string, like *tollgate.Exchange) {
	t.Helper()
	const columns = `id, time, profile_id, prompt, status,
		input_tokens, cache_write_5m_tokens, cache_write_1h_tokens, cache_read_tokens, output_tokens, thinking_tokens,
		web_searches, iterations, cost_nano_usd, estimated, interrupted,
		first_byte_ns, duration_ns, stop_reason, upstream_request_id, request_digest, forwarded_digest, response_digest,
		request_bytes, response_bytes, splices, error`
	execute(t, path, `
		CREATE TEMP TABLE row AS SELECT * FROM request WHERE id = '`+like.ID+`';
		UPDATE row SET id = '`+tollgate.NewRequestID(like.Time)+`';
		INSERT INTO request (`+columns+`) SELECT `+columns+` FROM row`)
}

// While it hands over, the binary before this one still adds rows and counts
// none of them. They are counted all the same: at once in the book, and in the
// database with the next rows that are added, or the next budget.
func TestPromise4_RowsOfThePreviousBinaryAreCounted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tollgate.db")
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	s := open(t, path)
	row := dollar(at)
	appendAll(t, s, row)
	asThePreviousBinary(t, path, row)
	first := daily(t, s, at)
	wantSpent := func(budget tollgate.Budget, dollars tollgate.Money) {
		t.Helper()
		if got := spent(t, s, budget.ID)["2026-11-23"]; got != dollars {
			t.Errorf("spent %d, want %d", got, dollars)
		}
	}
	wantSpent(first, 2)
	asThePreviousBinary(t, path, row)
	wantSpent(first, 3)
	second := daily(t, s, at, "*")
	wantSpent(first, 3)
	wantSpent(second, 3)
	for n := range tollgate.Money(3) {
		asThePreviousBinary(t, path, row)
		wantSpent(first, 4+2*n)
		appendAll(t, s, dollar(at), dollar(at.AddDate(0, 0, 1)))
		wantSpent(first, 5+2*n)
		wantSpent(second, 5+2*n)
	}
	asThePreviousBinary(t, path, row)
	book, err := s.BudgetBook(t.Context(), at.AddDate(0, 0, 2), nil)
	if err != nil || len(book.Counters) != 0 {
		t.Errorf("book of days later has %v, %v", book.Counters, err)
	}
	appendAll(t, s, row) // which is there
	wantSpent(first, 10)
	if err := s.SetTimeZone(t.Context(), "Etc/GMT-1"); err != nil {
		t.Fatal(err)
	}
	if got := spent(t, s, first.ID)["2026-11-22"]; got != 10 { // the day begins an hour before that of UTC
		t.Errorf("spent %d, want 10", got)
	}
}

// The binary before this one writes the register too, until it has handed over.
func TestPreviousBinaryWritesKeys(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tollgate.db")
	s := open(t, path)
	execute(t, path, `
		INSERT INTO service (name, team) VALUES ('ci', NULL);
		INSERT INTO gateway_key (id, developer, service, team, label, models, created_at, expires_at, revoked_at, last_used_at)
		VALUES ('k1', NULL, 'ci', '', '', '', 1, 0, 0, 0)`)
	key, err := s.Key(t.Context(), "k1")
	if err != nil || key.Style != tollgate.OpaqueKey {
		t.Errorf("key is %+v, %v", key, err)
	}
}

// Counters of windows that ended long before the newest row are forgotten when
// the database is opened, and what comes late for them begins none.
func TestOpen_ForgetsOldCounters(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tollgate.db")
	old := time.Date(2024, 1, 31, 9, 0, 0, 0, time.UTC)
	s, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	b := daily(t, s, old)
	appendAll(t, s, dollar(old), dollar(old.AddDate(0, 0, 101)), dollar(old.AddDate(0, 0, 100)))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again := open(t, path)
	late := []time.Time{old, old.AddDate(0, 0, 1), old.AddDate(0, 0, 100)}
	for _, at := range late {
		appendAll(t, again, dollar(at))
	}
	for range 2 {
		got := spent(t, again, b.ID)
		if len(got) != 3 || got["2024-02-01"] != 1 || got["2024-05-10"] != 2 || got["2024-05-11"] != 1 {
			t.Errorf("spent %v", got)
		}
		for _, zone := range []string{"Europe/Berlin", "UTC"} { // counts anew
			if err := again.SetTimeZone(t.Context(), zone); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// Rows are added whatever has become of the budgets that they were paid from.
func TestAppend_NeverFailsForACounter(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tollgate.db")
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	s := open(t, path)
	daily(t, s, at)
	appendAll(t, s, dollar(at))
	for _, harm := range []string{
		"DELETE FROM budget",
		"DELETE FROM setting WHERE name = 'counted_through'",
		"DELETE FROM request",
		"DELETE FROM setting WHERE name = 'budget_rules'",
	} {
		execute(t, path, harm)
		appendAll(t, s, dollar(at))
	}
}

func appendAll(t *testing.T, s *store.Store, rows ...*tollgate.Exchange) {
	t.Helper()
	if err := s.Append(t.Context(), rows); err != nil {
		t.Fatal(err)
	}
}
