package store_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"tollgate"
	"tollgate/internal/audit"
	"tollgate/internal/store"
)

// retire ends the time of everything that was recorded before then, and removes it.
func (a *auditedStore) retire(t *testing.T, before time.Time, sinks ...string) store.Retired {
	t.Helper()
	done, err := a.Retire(t.Context(), a.notary, store.Retirement{Before: before, At: a.at, Sinks: sinks})
	if err != nil {
		t.Fatal(err)
	}
	a.removeRetired(t)
	return done
}

func (a *auditedStore) removeRetired(t *testing.T) {
	t.Helper()
	for more := true; more; {
		var err error
		if more, err = a.RemoveRetired(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// stored are the numbers of all records there are, chain by chain.
func (a *auditedStore) stored(t *testing.T) (numbers [][]int64) {
	t.Helper()
	state, err := a.Trail().State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, head := range state.Heads {
		var some []int64
		for record, err := range a.Trail().Lines(t.Context(), head.Chain, 1) {
			if err != nil {
				t.Fatal(err)
			}
			some = append(some, record.Number)
		}
		numbers = append(numbers, some)
	}
	return numbers
}

const aDay = 24 * time.Hour

// aged is a log of three days: a chain that ended on the first one, and one that goes
// on. Each day has a checkpoint, and two records that came after it.
func aged(t *testing.T) (a *auditedStore, days []time.Time) {
	t.Helper()
	a = newAudited(t)
	for day := range 3 {
		days = append(days, a.at)
		a.append(t, 4)
		if err := a.Note(t.Context(), tollgate.AuditEvent{Time: a.at, Action: "team.create", Actor: "admin:x", Object: fmt.Sprintf("team-%d", day), Outcome: "done"}); err != nil {
			t.Fatal(err)
		}
		a.checkpoint(t)
		a.append(t, 2)
		if day == 0 {
			a.Close()
			a.open(t)
		}
		a.at = a.at.Add(aDay)
	}
	return a, days
}

// TestPromise5_WhatIsRetired is gone, with a signature that says so, and the rest
// is proved as before.
func TestPromise5_WhatIsRetired(t *testing.T) {
	a, days := aged(t)
	held := a.checkpoint(t)
	if done := a.retire(t, days[0]); done.Records != 0 {
		t.Errorf("nothing is as old: %+v", done)
	}
	if done := a.retire(t, days[1]); done.Records != 5 || done.Held || done.Behind != nil {
		t.Errorf("%+v", done)
	}
	if done := a.retire(t, days[1]); done.Records != 0 {
		t.Errorf("it was retired before: %+v", done)
	}
	if got := fmt.Sprint(a.stored(t)); got != "[[6 7] [1 2 3 4 5 6 7 8 9 10 11 12 13 14 15]]" {
		t.Errorf("there are %s", got)
	}
	report := a.verify(t, held)
	if !report.OK() || report.Retired != 5 || report.RetiredRows != 4 || report.Rows != 14 || report.Records != 17 || report.Uncommitted != 1 || report.Chains != 2 {
		t.Errorf("%+v", report)
	}
	if done := a.retire(t, days[2]); done.Records != 7 { // the rest of the first day, and the second
		t.Errorf("%+v", done)
	}
	if got := fmt.Sprint(a.stored(t)); got != "[[] [6 7 8 9 10 11 12 13 14 15 16]]" {
		t.Errorf("there are %s", got)
	}
	a.append(t, 2)
	a.checkpoint(t)
	if report = a.verify(t, held); !report.OK() || report.Retired != 12 || report.RetiredRows != 10 || report.Rows != 10 || report.Records != 13 || report.Uncommitted != 0 {
		t.Errorf("%+v", report)
	}
	var whole bytes.Buffer
	if err := audit.Export(t.Context(), a.Trail(), "key", a.at, &whole); err != nil {
		t.Fatal(err)
	}
	if report = verifyExport(t, a, whole.String(), held); !report.OK() || report.Retired != 12 || report.Records != 13 {
		t.Errorf("of the export: %+v", report)
	}
	forged := strings.Replace(whole.String(), "audit log retirement\\n", "audit log Retirement\\n", 1)
	if report = verifyExport(t, a, forged, held); report.OK() || report.Faults[0].Kind != audit.Unsigned {
		t.Errorf("of a forged export: %+v", report)
	}
}

// TestPromise5_NobodyMakesRecordsOld: a checkpoint's age is what was signed, not what
// the database says.
func TestPromise5_NobodyMakesRecordsOld(t *testing.T) {
	for name, text := range map[string]string{
		"the column":      "UPDATE audit_checkpoint SET time = 1",
		"the note too":    "UPDATE audit_checkpoint SET time = 1, note = replace(note, 'time 2026', 'time 2020')",
		"an older one's":  "UPDATE audit_checkpoint SET time = 1, note = (SELECT note FROM audit_checkpoint ORDER BY size LIMIT 1)",
		"somebody else's": "UPDATE audit_checkpoint SET time = 1, note = 'x'",
	} {
		a, _ := aged(t)
		db, err := sql.Open("sqlite", a.path)
		if err != nil {
			t.Fatal(err)
		}
		statement(text)(t, db)
		db.Close()
		before := a.recorded(t)
		if done, err := a.Retire(t.Context(), a.notary, store.Retirement{Before: a.at.Add(-30 * aDay), At: a.at}); err == nil || done.Records != 0 || a.recorded(t) != before {
			t.Errorf("%s: %+v %v", name, done, err)
		}
	}
}

// TestRetired_IsNotFound, and whatever else there is, is.
func TestRetired_IsNotFound(t *testing.T) {
	a, days := aged(t)
	a.retire(t, days[1])
	page, next, err := a.Trail().Entries(t.Context(), tollgate.AuditQuery{Limit: 100})
	if err != nil || next != "" {
		t.Fatal(err, next)
	}
	actions := map[tollgate.AuditAction]int{}
	for _, entry := range page {
		actions[entry.Action]++
		if len(entry.Line) == 0 {
			t.Errorf("%s has no line", entry.ID)
		}
		record, err := a.Trail().Record(t.Context(), entry.ID)
		if err != nil || !bytes.Equal(record.Line, entry.Line) {
			t.Errorf("%s: %v", entry.ID, err)
		}
	}
	if actions["request"] != 14 || actions["team.create"] != 2 || actions["audit.retire"] != 1 || len(page) != 17 {
		t.Errorf("%v", actions)
	}
	rows, _, err := a.Requests(t.Context(), tollgate.RequestQuery{Limit: 100})
	if err != nil || len(rows) != 18 {
		t.Fatalf("the ledger has %d rows, %v", len(rows), err)
	}
	if _, err := a.Trail().Record(t.Context(), rows[17].ID); !tollgate.IsKind(err, tollgate.NotFound) {
		t.Errorf("the oldest request: %v", err)
	}
}

// TestRetire_Waits for sinks that have not got it, and for legal holds.
func TestRetire_Waits(t *testing.T) {
	a, days := aged(t)
	a.begin(t, "slow", false)
	a.begin(t, "forgotten", false)
	first := a.backlog(t, "slow")[0].Chain
	if done := a.retire(t, days[1], "slow", "never-begun"); fmt.Sprint(done.Behind) != "[slow]" || done.Records != 0 {
		t.Errorf("%+v", done)
	}
	if err := a.MoveSink(t.Context(), "slow", first, 0, 6); err != nil {
		t.Fatal(err)
	}
	hold := tollgate.Hold{ID: "hld_1", Scope: tollgate.Scope{Kind: tollgate.ScopeOrg}, Reason: "a case", CreatedAt: a.at, CreatedBy: "admin:x"}
	if err := a.AddHold(t.Context(), hold); err != nil {
		t.Fatal(err)
	}
	if done := a.retire(t, days[1], "slow"); !done.Held || done.Records != 0 {
		t.Errorf("%+v", done)
	}
	if _, err := a.RemoveHold(t.Context(), hold.ID, "over"); err != nil {
		t.Fatal(err)
	}
	if done := a.retire(t, days[1], "slow"); done.Records != 5 {
		t.Errorf("%+v", done)
	}
	a.begin(t, "late", false)
	for sink, want := range map[string]int64{"slow": 6, "forgotten": 5, "late": 5} {
		if got := a.backlog(t, sink)[0]; got.Chain != first || got.Through != want || got.Length != 7 {
			t.Errorf("%s is to get %+v", sink, got)
		}
	}
}

// TestRemoveRetired_Waits while somebody reads the whole log, and for legal holds.
func TestRemoveRetired_Waits(t *testing.T) {
	a, days := aged(t)
	release := a.Trail().Keep()
	a.retire(t, days[1])
	if got := len(a.stored(t)[0]); got != 7 {
		t.Errorf("%d records are left", got)
	}
	if report := a.verify(t); !report.OK() || report.Retired != 5 {
		t.Errorf("%+v", report)
	}
	release()
	hold := tollgate.Hold{ID: "hld_1", Scope: tollgate.Scope{Kind: tollgate.ScopeOrg}, Reason: "a case", CreatedAt: a.at, CreatedBy: "admin:x"}
	if err := a.AddHold(t.Context(), hold); err != nil {
		t.Fatal(err)
	}
	a.removeRetired(t)
	if got := len(a.stored(t)[0]); got != 7 {
		t.Errorf("under a hold %d records are left", got)
	}
	if _, err := a.RemoveHold(t.Context(), hold.ID, "over"); err != nil {
		t.Fatal(err)
	}
	a.removeRetired(t)
	if got := len(a.stored(t)[0]); got != 2 {
		t.Errorf("%d records are left", got)
	}
}

// TestPromise5_AttacksOnRetirement: nobody but who has the key gives records up.
func TestPromise5_AttacksOnRetirement(t *testing.T) {
	const retired = "UPDATE audit_chain SET retired = 6, retired_hash = (SELECT substr(line, instr(line, 'previous')+11, 64) FROM audit_record WHERE place & 1099511627775 = 7 ORDER BY place LIMIT 1) WHERE chain_id = 1"
	for name, attack := range map[string]struct {
		texts []string
		want  string
	}{
		"one more":                  {[]string{retired, "DELETE FROM audit_record WHERE place & 1099511627775 = 6 AND place < 2 << 40"}, "missing 1"},
		"another chain":             {[]string{"UPDATE audit_chain SET retired = 5, retired_hash = (SELECT retired_hash FROM audit_chain WHERE chain_id = 1) WHERE chain_id = 2", "DELETE FROM audit_record WHERE place > 2 << 40 AND place & 1099511627775 < 6"}, "missing 1"},
		"the signature away":        {[]string{"DELETE FROM audit_retirement"}, "missing 1"},
		"the signature changed":     {[]string{"UPDATE audit_retirement SET note = replace(note, ' 5 ', ' 4 ')"}, "unsigned 0"},
		"a checkpoint in its place": {[]string{"UPDATE audit_retirement SET note = (SELECT note FROM audit_checkpoint LIMIT 1)"}, "unsigned 0"},
		"not retired after all":     {[]string{"UPDATE audit_chain SET retired = 0, retired_hash = ''"}, "missing 1"},
		"another hash":              {[]string{"UPDATE audit_chain SET retired_hash = replace(retired_hash, substr(retired_hash, 1, 8), '00000000') WHERE retired > 0"}, "missing 1"},
		"the next record edited":    {[]string{"UPDATE audit_record SET line = replace(line, '\"output_tokens\":912', '\"output_tokens\":911') WHERE place & 1099511627775 = 6 AND place < 2 << 40"}, "edited 6"},
		"the next record away":      {[]string{"DELETE FROM audit_record WHERE place & 1099511627775 = 6 AND place < 2 << 40"}, "missing 6"},
	} {
		t.Run(name, func(t *testing.T) {
			a, days := aged(t)
			a.retire(t, days[1])
			a.checkpoint(t)
			a.Close()
			db, err := sql.Open("sqlite", a.path)
			if err != nil {
				t.Fatal(err)
			}
			statement(attack.texts...)(t, db)
			db.Close()
			a.Store = open(t, a.path)
			report := a.verify(t)
			if report.OK() || fmt.Sprint(report.Faults[0].Kind, " ", report.Faults[0].Number) != attack.want {
				t.Errorf("found %+v, want %s", report.Faults, attack.want)
			}
		})
	}
}
