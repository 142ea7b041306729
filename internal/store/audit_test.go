package store_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"tollgate"
	"tollgate/internal/audit"
	"tollgate/internal/store"
)

// auditedStore is a database with an audit log, and what proves it.
type auditedStore struct {
	*store.Store
	path   string
	notary *audit.Notary
	keys   note.Verifiers
	at     time.Time
}

func newAudited(t testing.TB) *auditedStore {
	t.Helper()
	private, public, err := audit.GenerateKey("tollgate.test")
	if err != nil {
		t.Fatal(err)
	}
	notary, err := audit.NewNotary(private)
	if err != nil {
		t.Fatal(err)
	}
	key, err := note.NewVerifier(public)
	if err != nil {
		t.Fatal(err)
	}
	a := &auditedStore{path: filepath.Join(t.TempDir(), "tollgate.db"), notary: notary, keys: note.VerifierList(key), at: time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)}
	a.open(t)
	return a
}

// open begins a chain.
func (a *auditedStore) open(t testing.TB) {
	t.Helper()
	a.Store = open(t, a.path)
	if err := a.BeginChain(t.Context(), audit.Scribe{}, a.at); err != nil {
		t.Fatal(err)
	}
}

func (a *auditedStore) append(t testing.TB, n int) (batch []*tollgate.Exchange) {
	t.Helper()
	for range n {
		a.at = a.at.Add(time.Second)
		batch = append(batch, usual(a.at))
	}
	if err := a.Append(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	return batch
}

func (a *auditedStore) checkpoint(t testing.TB) string {
	t.Helper()
	signed, err := a.TakeCheckpoint(t.Context(), a.notary, a.at)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func (a *auditedStore) verify(t testing.TB, held ...string) audit.Report {
	t.Helper()
	report, err := audit.Verify(t.Context(), a.Trail(), a.Trail(), a.keys, held)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// TestPromise5_WhatIsWhole: rows and events of two processes, checkpoints in
// between.
func TestPromise5_WhatIsWhole(t *testing.T) {
	a := newAudited(t)
	batch := a.append(t, 10)
	first := a.checkpoint(t)
	if err := a.Append(t.Context(), batch); err != nil { // again: nobody knew whether it was committed
		t.Fatal(err)
	}
	if err := a.Note(t.Context(), tollgate.AuditEvent{Time: a.at, Action: "team.create", Actor: "admin:terraform", Object: "core", Outcome: "done", After: []byte(`{"name":"core"}`)}); err != nil {
		t.Fatal(err)
	}
	a.Close()
	a.open(t)
	a.append(t, 5)
	second := a.checkpoint(t)
	a.append(t, 3)
	report := a.verify(t, first, second)
	if !report.OK() || report.Chains != 2 || report.Records != 19 || report.Rows != 18 || report.Checkpoints != 2 || report.Held != 2 || report.Uncommitted != 3 {
		t.Errorf("%+v", report)
	}
	if again := a.checkpoint(t); again == second || a.checkpoint(t) != again {
		t.Error("a checkpoint is taken when something has been recorded, and only then")
	}
}

// TestPromise5_Attacks is somebody with the database file in his hands.
func TestPromise5_Attacks(t *testing.T) {
	const at = "(place & 1099511627775)"
	for name, attack := range map[string]struct {
		do   func(t *testing.T, db *sql.DB)
		want string // kind, number
	}{
		"a figure in a record":        {statement("UPDATE audit_record SET line = replace(line, '\"output_tokens\":912', '\"output_tokens\":911') WHERE " + at + " = 4"), "edited 4"},
		"the last record":             {statement("UPDATE audit_record SET line = replace(line, '\"output_tokens\":912', '\"output_tokens\":911') WHERE " + at + " = 12"), "edited 12"},
		"the first record":            {statement("UPDATE audit_record SET line = replace(line, '\"output_tokens\":912', '\"output_tokens\":911') WHERE " + at + " = 1"), "edited 1"},
		"a record away":               {statement("DELETE FROM audit_record WHERE " + at + " = 5"), "missing 5"},
		"the first away":              {statement("DELETE FROM audit_record WHERE " + at + " = 1"), "missing 1"},
		"the end away":                {statement("DELETE FROM audit_record WHERE " + at + " > 9"), "cut 10"},
		"the end away, head too":      {rehead(9, "DELETE FROM audit_record WHERE "+at+" > 9"), "cut 10"},
		"all away":                    {statement("DELETE FROM audit_record", "DELETE FROM audit_chain"), "cut 1"},
		"a row of the ledger away":    {statement("DELETE FROM request WHERE audit_number = 6"), "unmatched 6"},
		"a figure in the ledger":      {statement("UPDATE request SET cost_nano_usd = 1 WHERE audit_number = 6"), "unmatched 6"},
		"a person in the ledger":      {statement("UPDATE profile SET developer = 'eve@example.com'"), "unmatched 1"},
		"a row nobody recorded":       {statement("UPDATE request SET audit_number = 0, audit_chain = 0 WHERE audit_number = 6"), "unmatched 0"},
		"two records swapped":         {swap(3, 4), "reordered 3"},
		"a record twice":              {statement("UPDATE audit_record SET line = (SELECT line FROM audit_record WHERE " + at + " = 2) WHERE " + at + " = 3"), "reordered 3"},
		"a leaf":                      {statement("UPDATE audit_leaf SET line = replace(line, ' 8 ', ' 7 ')"), "forked 0"},
		"a checkpoint":                {statement("UPDATE audit_checkpoint SET note = replace(note, 'time 2026', 'time 2025')"), "unsigned 0"},
		"the checkpoints away":        {statement("DELETE FROM audit_checkpoint"), "cut 0"},
		"written anew, with the code": {rechain(4), "forked 8"},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAudited(t)
			a.append(t, 8)
			held := a.checkpoint(t)
			a.append(t, 4)
			a.checkpoint(t)
			a.Close()
			db, err := sql.Open("sqlite", a.path)
			if err != nil {
				t.Fatal(err)
			}
			attack.do(t, db)
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			a.Store = open(t, a.path)
			report := a.verify(t, held)
			if report.OK() {
				t.Fatal("nothing was found")
			}
			if f := report.Faults[0]; fmt.Sprint(f.Kind, " ", f.Number) != attack.want {
				t.Errorf("found %+v, want %s", report.Faults, attack.want)
			}
		})
	}
}

// TestPromise5_AnOldDatabase: a copy from before is whole in itself, and is found
// out by who has kept a checkpoint.
func TestPromise5_AnOldDatabase(t *testing.T) {
	a := newAudited(t)
	a.append(t, 8)
	a.checkpoint(t)
	old := filepath.Join(t.TempDir(), "old.db")
	db, err := sql.Open("sqlite", a.path)
	if err != nil {
		t.Fatal(err)
	}
	statement("VACUUM INTO '"+old+"'")(t, db)
	db.Close()
	a.append(t, 8)
	held := a.checkpoint(t)
	a.Close()
	a.Store = open(t, old)
	if report := a.verify(t); !report.OK() {
		t.Errorf("%+v", report)
	}
	if report := a.verify(t, held); report.OK() || report.Faults[0].Kind != audit.Cut {
		t.Errorf("%+v", report)
	}
}

func statement(texts ...string) func(*testing.T, *sql.DB) {
	return func(t *testing.T, db *sql.DB) {
		for _, text := range texts {
			if _, err := db.Exec(text); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// swap puts two records in each other's place.
func swap(a, b int) func(*testing.T, *sql.DB) {
	return statement(
		fmt.Sprintf("UPDATE audit_record SET place = -1 WHERE place & 1099511627775 = %d", a),
		fmt.Sprintf("UPDATE audit_record SET place = place - %d + %d WHERE place & 1099511627775 = %d AND place > 0", b, a, b),
		fmt.Sprintf("UPDATE audit_record SET place = (SELECT max(place) FROM audit_record) - 12 + %d WHERE place = -1", b),
	)
}

// rehead does something, and makes the chain's head that of the record before.
func rehead(number int64, text string) func(*testing.T, *sql.DB) {
	return func(t *testing.T, db *sql.DB) {
		statement(text)(t, db)
		head := walk(t, db, nil)
		statement(fmt.Sprintf("UPDATE audit_chain SET length = %d, hash = '%x'", head.Length, head.Hash))(t, db)
	}
}

// rechain changes a record and binds all that follow anew, as somebody can who
// has this code and no key.
func rechain(number int64) func(*testing.T, *sql.DB) {
	return func(t *testing.T, db *sql.DB) {
		head := walk(t, db, func(at tollgate.AuditHead, line string) string {
			if at.Length+1 == number {
				line = strings.Replace(line, `"output_tokens":912`, `"output_tokens":911`, 1)
			}
			begin := strings.Index(line, `"previous":"`) + len(`"previous":"`)
			return line[:begin] + fmt.Sprintf("%x", at.Hash) + line[begin+64:]
		})
		statement(fmt.Sprintf("UPDATE audit_chain SET length = %d, hash = '%x'", head.Length, head.Hash), "UPDATE request SET output_tokens = 911 WHERE audit_number = 4")(t, db)
	}
}

// walk goes along the chain, and writes each line anew.
func walk(t *testing.T, db *sql.DB, change func(tollgate.AuditHead, string) string) (head tollgate.AuditHead) {
	t.Helper()
	rows, err := db.Query("SELECT place, line FROM audit_record ORDER BY place")
	if err != nil {
		t.Fatal(err)
	}
	type record struct {
		place int64
		line  string
	}
	var all []record
	for rows.Next() {
		var r record
		if err := rows.Scan(&r.place, &r.line); err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	rows.Close()
	for _, r := range all {
		if change != nil {
			r.line = change(head, r.line)
			if _, err := db.Exec("UPDATE audit_record SET line = ? WHERE place = ?", r.line, r.place); err != nil {
				t.Fatal(err)
			}
		}
		head = head.After([]byte(r.line))
	}
	return head
}
