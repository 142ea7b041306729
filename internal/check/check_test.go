package check_test

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"tollgate"
	"tollgate/internal/check"
	"tollgate/internal/journal"
	"tollgate/internal/store"
)

// noon is when everything in these tests happens.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// folder is a data folder with a key and some requests.
type folder struct {
	path string
	ids  []string // of the requests, oldest first
}

func (f folder) database() string { return filepath.Join(f.path, store.File) }
func (f folder) journal() string  { return filepath.Join(f.path, journal.Name) }

// newFolder makes a folder with three requests in the ledger: an answer, an
// estimate and a refusal.
func newFolder(t *testing.T) folder {
	t.Helper()
	f := folder{path: t.TempDir()}
	s := f.open(t)
	defer closed(t, s)
	_, err := s.CreateKey(t.Context(), tollgate.Key{ID: "0123456789ab", Service: "ci", CreatedAt: noon, LastUsedAt: noon.Add(time.Minute)})
	must(t, err)
	for n := range 3 {
		x := request(n)
		f.ids = append(f.ids, x.ID)
		must(t, s.Append(t.Context(), []*tollgate.Exchange{x}))
	}
	return f
}

func request(n int) *tollgate.Exchange {
	at := noon.Add(time.Duration(n) * time.Second)
	x := &tollgate.Exchange{
		ID: tollgate.NewRequestID(at), Time: at, Principal: tollgate.Principal{Key: "0123456789ab", Service: "ci"},
		Operation: tollgate.Messages, Model: "claude-opus-5-5", Upstream: "anthropic", Status: 200,
		Usage: tollgate.Usage{Tokens: tollgate.Tokens{Input: 10, CacheRead: 20, Output: 30}}, Cost: 1_000_000, StopReason: "end_turn",
	}
	switch n {
	case 1:
		x.Estimated, x.Interrupted, x.Error, x.StopReason = true, true, journal.Killed, ""
	case 2:
		x.Upstream, x.Status, x.Error, x.Usage, x.Cost, x.StopReason = "", 404, "not_found_error", tollgate.Usage{}, 0, ""
	}
	return x
}

func (f folder) open(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), f.database())
	must(t, err)
	return s
}

// change has SQL do by hand what nothing of ours does.
func (f folder) change(t *testing.T, text string, args ...any) {
	t.Helper()
	db, err := sql.Open("sqlite", f.database())
	must(t, err)
	_, err = db.ExecContext(t.Context(), text, args...)
	must(t, err)
	must(t, db.Close())
}

// check is what tollgate ledger check does on the folder of a stopped gateway.
func (f folder) check(t *testing.T) tollgate.LedgerCheck {
	t.Helper()
	s, err := store.OpenReadOnly(t.Context(), f.database())
	must(t, err)
	defer closed(t, s)
	found, err := (&check.Ledger{Store: s, Journal: f.journal()}).Check(t.Context())
	must(t, err)
	return found
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func closed(t *testing.T, s *store.Store) {
	t.Helper()
	must(t, s.Close())
}

// said are all differences, each with the name of its check.
func said(found tollgate.LedgerCheck) (sentences []string) {
	for _, each := range found.Checks {
		for _, sentence := range each.Differences {
			sentences = append(sentences, each.Name+": "+sentence)
		}
	}
	return sentences
}

func wantNone(t *testing.T, found tollgate.LedgerCheck) {
	t.Helper()
	if n := found.Differences(); n != 0 {
		t.Errorf("%d differences:\n%s", n, strings.Join(said(found), "\n"))
	}
}

// wantSaid wants one of the differences to begin with the check's name and to
// hold all of the parts.
func wantSaid(t *testing.T, found tollgate.LedgerCheck, name string, parts ...string) {
	t.Helper()
	for _, sentence := range said(found) {
		holds := strings.HasPrefix(sentence, name+": ")
		for _, part := range parts {
			holds = holds && strings.Contains(sentence, part)
		}
		if holds {
			return
		}
	}
	t.Errorf("no difference of %q says %q; there are:\n%s", name, parts, strings.Join(said(found), "\n"))
}

func TestCleanLedgerHasNoDifferences(t *testing.T) {
	t.Parallel()
	found := newFolder(t).check(t)
	wantNone(t, found)
	if found.Rows != 3 || found.Waiting != 0 || found.Open != 0 || len(found.Notes) != 0 || len(found.Checks) != 8 {
		t.Errorf("%+v", found)
	}
}

func TestEmptyLedgerHasNoDifferences(t *testing.T) {
	t.Parallel()
	f := folder{path: t.TempDir()}
	closed(t, f.open(t))
	wantNone(t, f.check(t))
}

// Every difference that can be made by hand in a row or in the register is
// named, with the row and both values.
func TestDifferencesOfRows(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		sql   string // $ID0 to $ID2 are the requests
		check string
		says  []string
	}{
		"profile gone":          {"DELETE FROM profile WHERE profile_id = (SELECT profile_id FROM request WHERE id = '$ID0')", "row", []string{"$ID0", "profile that is not there"}},
		"reference dangles":     {"DELETE FROM profile WHERE profile_id = (SELECT profile_id FROM request WHERE id = '$ID0')", "database", []string{"table request", "profile"}},
		"cost is no number":     {"UPDATE request SET cost_nano_usd = 'lots' WHERE id = '$ID0'", "row", []string{"$ID0 cannot be read", "lots"}},
		"report misses a row":   {"UPDATE request SET cost_nano_usd = 1.5 WHERE id = '$ID0'", "report", []string{"to $ID2:", "by whatever attribute", "cost_nano_usd 1000001", "add up to 1000000"}},
		"sum overflows":         {"UPDATE request SET cost_nano_usd = 9223372036854775807 WHERE id <> '$ID2'", "report", []string{"$ID0 to $ID2", "by key,", "cannot be made"}},
		"time is not the id's":  {"UPDATE request SET time = time + 3600000000 WHERE id = '$ID0'", "row", []string{"$ID0", "at 2026-11-23T13:00:00Z"}},
		"id is none":            {"UPDATE request SET id = 'something' WHERE id = '$ID0'", "row", []string{"something"}},
		"negative tokens":       {"UPDATE request SET output_tokens = -30 WHERE id = '$ID0'", "row", []string{"$ID0", "output_tokens -30"}},
		"negative money":        {"UPDATE request SET cost_nano_usd = -1 WHERE id = '$ID0'", "row", []string{"$ID0", "cost_nano_usd -1"}},
		"interrupted, exact":    {"UPDATE request SET estimated = 0 WHERE id = '$ID1'", "row", []string{"$ID1", "gateway_killed", "$0.001", "estimate"}},
		"interrupted by what":   {"UPDATE request SET error = '' WHERE id = '$ID1'", "row", []string{"$ID1", "by what"}},
		"refusal costs":         {"UPDATE request SET cost_nano_usd = 7 WHERE id = '$ID2'", "row", []string{"$ID2", "no upstream", "$0.000000007"}},
		"refusal by provider":   {"UPDATE request SET upstream_request_id = 'req_011' WHERE id = '$ID2'", "row", []string{"$ID2", "no upstream", "req_011"}},
		"failure costs":         {"UPDATE request SET status = 500 WHERE id = '$ID0'", "row", []string{"$ID0", "status 500", "$0.001"}},
		"counting costs":        {"UPDATE profile SET operation = 'count_tokens'", "row", []string{"$ID0", "count tokens", "$0.001", "60 tokens"}},
		"nobody's key":          {"UPDATE profile SET key = 'ba9876543210'", "owner", []string{"$ID0", "ba9876543210", "does not have"}},
		"another's key":         {"UPDATE profile SET service = 'cd'", "owner", []string{"$ID0", `"cd"`, `"ci"`}},
		"owner changed":         {"INSERT INTO service (name) VALUES ('cd'); UPDATE gateway_key SET service = 'cd'", "owner", []string{"$ID0", `"cd"`, `"ci"`}},
		"used later than known": {"UPDATE gateway_key SET last_used_at = 0; UPDATE request SET time = time - 20000000 WHERE id = '$ID0'", "last_use", []string{"0123456789ab", "$ID0", "at 2026-11-23T11:59:40Z", "never"}},
		"used earlier, rightly": {"UPDATE gateway_key SET last_used_at = 0", "", nil},
		"index lacks a row":     {"PRAGMA writable_schema=ON; CREATE TABLE decoy (id TEXT PRIMARY KEY); DELETE FROM decoy; UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'sqlite_autoindex_decoy_1') WHERE name = 'sqlite_autoindex_request_1'", "database", []string{"missing from index"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFolder(t)
			fill := strings.NewReplacer("$ID0", f.ids[0], "$ID1", f.ids[1], "$ID2", f.ids[2])
			f.change(t, fill.Replace(c.sql))
			found := f.check(t)
			if c.check == "" {
				wantNone(t, found)
				return
			}
			var parts []string
			for _, part := range c.says {
				parts = append(parts, fill.Replace(part))
			}
			wantSaid(t, found, c.check, parts...)
		})
	}
}

// What SQLite cannot read at all ends the check, and what was found is told.
func TestBitFlipInTheDatabase(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	s := f.open(t)
	for n := range 100 {
		must(t, s.Append(t.Context(), []*tollgate.Exchange{request(10 + n), request(200 + n), request(300 + n)}))
	}
	closed(t, s)
	db, err := os.OpenFile(f.database(), os.O_RDWR, 0)
	must(t, err)
	info, err := db.Stat()
	must(t, err)
	_, err = db.WriteAt([]byte(strings.Repeat("\xFF", 64)), info.Size()-4096)
	must(t, err)
	must(t, db.Close())
	found := f.check(t)
	wantSaid(t, found, "database", "the database")
}

// Differences are counted to the end, and told as far as anybody reads.
func TestManyDifferencesAreCounted(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	s := f.open(t)
	var more []*tollgate.Exchange
	for n := 3; n < 2500; n++ {
		more = append(more, request(n%5))
	}
	must(t, s.Append(t.Context(), more))
	closed(t, s)
	f.change(t, "UPDATE request SET output_tokens = -1")
	found := f.check(t)
	row := found.Checks[slices.IndexFunc(found.Checks, func(c tollgate.CheckResult) bool { return c.Name == "row" })]
	if row.Count < 2500 || len(row.Differences) != 100 || found.Rows != 2500 {
		t.Errorf("%d counted, %d told, of %d rows", row.Count, len(row.Differences), found.Rows)
	}
}

func TestOneCheckAtATime(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	s := f.open(t)
	defer closed(t, s)
	l := &check.Ledger{Store: s, Journal: f.journal()}
	j := f.openJournal(t, s)
	defer func() { must(t, j.Stop(t.Context())) }()
	away := &gate{Store: s, shut: make(chan struct{}), reached: make(chan struct{})}
	slow, err := journal.Open(filepath.Join(f.path, "slow"), journal.Options{Config: journal.DefaultConfig(), Ledger: away, Log: quiet, Now: time.Now})
	must(t, err)
	slow.End(request(7))
	<-away.reached
	l.Running = slow // whose Flush waits
	done := make(chan error)
	ctx, cancel := context.WithCancel(t.Context())
	busy := func(ctx context.Context) bool {
		_, err := l.Check(ctx)
		return tollgate.IsKind(err, tollgate.Conflict)
	}
	go func() {
		for busy(ctx) { // until it is the one that checks
		}
		done <- ctx.Err()
	}()
	for !busy(canceled()) { // until the other one is
	}
	cancel()
	if err := <-done; err == nil {
		t.Error("a check that nobody waits for goes on")
	}
	close(away.shut)
	must(t, slow.Stop(t.Context()))
}

func canceled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

var quiet = slog.New(slog.DiscardHandler)

func (f folder) openJournal(t *testing.T, into journal.Ledger) *journal.Journal {
	t.Helper()
	j, err := journal.Open(f.journal(), journal.Options{Config: journal.DefaultConfig(), Ledger: into, Log: quiet, Now: time.Now})
	must(t, err)
	return j
}

// gate is a ledger that takes nothing before it is opened.
type gate struct {
	*store.Store
	reached chan struct{} // closed when somebody stands before it
	shut    chan struct{}
	once    bool
}

func (g *gate) Append(ctx context.Context, batch []*tollgate.Exchange) error {
	if !g.once {
		g.once = true
		close(g.reached)
	}
	select {
	case <-g.shut:
		return g.Store.Append(ctx, batch)
	case <-ctx.Done():
		return fmt.Errorf("not yet: %w", ctx.Err())
	}
}
