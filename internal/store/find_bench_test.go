package store_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"tollgate"
	"tollgate/internal/audit"
)

// BenchmarkFind is what a page of the audit log costs among as many records as
// TOLLGATE_FIND_RECORDS says: 10,000,000 are a year of an organisation with 400
// developers. They lie as those of a year do: sessions come and go, the models
// change each quarter, one in fifty is refused or fails. It takes 800 bytes of
// disk for each record.
func BenchmarkFind(b *testing.B) {
	records, err := strconv.Atoi(os.Getenv("TOLLGATE_FIND_RECORDS"))
	if err != nil {
		records = 20_000
	}
	a := newAudited(b)
	y := aYear(b, a, records)
	for _, ask := range []struct {
		name  string
		where map[string][]string
		until time.Time
	}{
		{"the newest", nil, time.Time{}},
		{"half a year ago", nil, y.at(records / 2)},
		{"a developer", map[string][]string{"developer": {"dev7@example.com"}}, time.Time{}},
		{"a developer, half a year ago", map[string][]string{"developer": {"dev7@example.com"}}, y.at(records / 2)},
		{"a developer who left", map[string][]string{"developer": {"left@example.com"}}, time.Time{}},
		{"a person's refusals", map[string][]string{"person": {"dev7@example.com"}, "outcome": {"refused"}}, time.Time{}},
		{"a team", map[string][]string{"team": {"team3"}}, time.Time{}},
		{"a key", map[string][]string{"key": {"key7"}}, time.Time{}},
		{"a session of long ago", map[string][]string{"session": {"session100"}}, time.Time{}},
		{"the model of the first quarter", map[string][]string{"model": {"claude-0"}}, time.Time{}},
		{"the upstream of the first month", map[string][]string{"upstream": {"old"}}, time.Time{}},
		{"refused", map[string][]string{"outcome": {"refused"}}, time.Time{}},
		{"failed, half a year ago", map[string][]string{"outcome": {"failed"}}, y.at(records / 2)},
		{"what failed of the first quarter's model", map[string][]string{"outcome": {"failed"}, "model": {"claude-0"}}, time.Time{}},
		{"an action", map[string][]string{"action": {"key.revoke"}}, time.Time{}},
		{"an actor", map[string][]string{"actor": {"admin:eve"}}, time.Time{}},
		{"nothing", map[string][]string{"developer": {"nobody"}}, time.Time{}},
	} {
		b.Run(ask.name, func(b *testing.B) {
			worst := time.Duration(0)
			for b.Loop() {
				begun := time.Now()
				if _, _, err := a.Trail().Entries(b.Context(), tollgate.AuditQuery{Where: ask.where, Until: ask.until, Limit: 100}); err != nil {
					b.Fatal(err)
				}
				worst = max(worst, time.Since(begun))
			}
			b.ReportMetric(float64(worst.Microseconds())/1000, "worst-ms")
		})
	}
}

// year is a generated one.
type year struct {
	begun   time.Time
	records int
}

func (y year) at(n int) time.Time {
	return y.begun.Add(time.Duration(n) * (365 * 24 * time.Hour / time.Duration(y.records)))
}

// aYear writes it past the store, which would take an hour.
func aYear(b *testing.B, a *auditedStore, records int) year {
	b.Helper()
	y := year{time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), records}
	for i := range 2000 {
		at := y.at(records / 2000 * i)
		e := tollgate.AuditEvent{Time: at, Action: []tollgate.AuditAction{"key.create", "key.revoke", "budget.set"}[i%3], Actor: "admin:root", Object: fmt.Sprint("key", i), Outcome: "done"}
		if i == 700 {
			e.Actor = "admin:eve"
		}
		if err := a.Note(b.Context(), e); err != nil {
			b.Fatal(err)
		}
	}
	db, err := sql.Open("sqlite", "file:"+a.path+"?_pragma=synchronous(0)&_pragma=busy_timeout(60000)&_pragma=cache_size(-400000)")
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	run := func(text string, args ...any) {
		if _, err := db.ExecContext(b.Context(), text, args...); err != nil {
			b.Fatal(text, err)
		}
	}
	var indexes []string
	rows, err := db.QueryContext(b.Context(), "SELECT sql FROM sqlite_master WHERE type = 'index' AND name LIKE 'request\\_%' ESCAPE '\\'")
	if err != nil {
		b.Fatal(err)
	}
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			b.Fatal(err)
		}
		indexes = append(indexes, text)
	}
	rows.Close()
	for _, text := range indexes {
		run("DROP INDEX " + strings.Fields(text)[2])
	}
	y.write(b, a, db)
	for _, text := range indexes {
		run(text)
	}
	return y
}

// atOnce is how many sessions run at a time.
const atOnce = 150

func (y year) write(b *testing.B, a *auditedStore, db *sql.DB) {
	profile := func(n, session int) *tollgate.Exchange {
		x := usual(y.at(n))
		developer := session * 7919 % 400
		x.Session, x.Developer, x.Team, x.Key = fmt.Sprint("session", session), fmt.Sprintf("dev%d@example.com", developer), fmt.Sprint("team", developer%20), fmt.Sprint("key", developer)
		x.Model = fmt.Sprint("claude-", 4*n/y.records)
		if n < y.records/12 {
			x.Upstream = "old"
		}
		if session == 500 {
			x.Developer = "left@example.com"
		}
		return x
	}
	random := rand.New(rand.NewPCG(1, 2))
	var tx *sql.Tx
	var insert, record *sql.Stmt
	commit := func() {
		if tx != nil {
			if err := tx.Commit(); err != nil {
				b.Fatal(err)
			}
		}
	}
	var ids [atOnce][2]int64 // profiles: of what is answered, of what is refused
	for n := range y.records {
		if n%200_000 == 0 {
			commit()
			var err error
			if tx, err = db.BeginTx(b.Context(), nil); err != nil {
				b.Fatal(err)
			}
			insert, record = prepareBoth(b, tx)
		}
		slot := random.IntN(atOnce)
		session := slot + atOnce*(n/(60*atOnce)) // of about sixty requests
		if n%(60*atOnce) == 0 {
			clear(ids[:])
		}
		x := &tollgate.Exchange{ID: tollgate.NewRequestID(y.at(n)), Time: y.at(n), Upstream: "anthropic", Status: 200}
		kind := 0
		switch random.IntN(100) {
		case 0:
			x.Status, x.Error, x.Upstream, kind = 429, "rate_limit_error", "", 1
		case 1:
			x.Status, x.Error = 529, "overloaded_error"
		}
		if ids[slot][kind] == 0 {
			of := profile(n, session)
			if kind == 1 {
				of.Upstream = ""
			}
			ids[slot][kind] = insertProfile(b, tx, of)
		}
		line := audit.Scribe{}.Event(tollgate.AuditHead{Chain: "generated"}, tollgate.AuditEvent{Time: x.Time, Action: "request", Object: x.ID})
		if _, err := record.Exec(int64(2)<<40|int64(n+1), string(line)); err != nil {
			b.Fatal(err)
		}
		if _, err := insert.Exec(x.ID, x.Time.UnixMicro(), ids[slot][kind], x.Status, x.Error, n+1); err != nil {
			b.Fatal(err)
		}
	}
	commit()
}

func prepareBoth(b *testing.B, tx *sql.Tx) (insert, record *sql.Stmt) {
	digest := "'blake3:" + strings.Repeat("0", 64) + "'"
	insert, err := tx.Prepare(`INSERT INTO request VALUES (?, ?, ?, '0b54c7f2-7d1e-4c86-9d3c-5a1be1f0a7c2', ?, 12, 1834, 0, 84211, 912, 240, 0, '', 48123450, 0, 0,
		812000000, 14000000000, 'tool_use', 'req_0110123456789abcdefghijk', ` + digest + ", " + digest + ", " + digest + `, 118334, 21877, '', ?, '', 0, 2, ?, '', '')`)
	if err != nil {
		b.Fatal(err)
	}
	if record, err = tx.Prepare("INSERT INTO audit_record VALUES (?, ?)"); err != nil {
		b.Fatal(err)
	}
	return insert, record
}

func insertProfile(b *testing.B, tx *sql.Tx, x *tollgate.Exchange) (id int64) {
	const text = `INSERT INTO profile (key, developer, service, team, session, agent, parent_agent, request_class, client, device, account, door, operation,
		model, upstream, upstream_model, served_model, stream, speed, geo, service_tier)
		VALUES (?, ?, '', ?, ?, '', '', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, 'standard', '', '') RETURNING profile_id`
	err := tx.QueryRow(text, x.Key, x.Developer, x.Team, x.Session, x.RequestClass, x.Client, x.Device, x.Account, x.Door, x.Operation, x.Model, x.Upstream, x.UpstreamModel, x.ServedModel).Scan(&id)
	if err != nil {
		b.Fatal(err)
	}
	return id
}
