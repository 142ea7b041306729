package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tollgate"
	"tollgate/internal/audit"
	"tollgate/internal/store"
)

// TestPromise5_TheAuditorsOwnProgram is the one on the page for auditors: it takes
// an export, and does not take one that was changed.
func TestPromise5_TheAuditorsOwnProgram(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("NOT TESTED: the program on the page for auditors needs python3, which is not here")
	}
	check := func(export string) (string, error) {
		said, err := exec.CommandContext(t.Context(), python, auditorsProgram(t), export).CombinedOutput()
		return string(said), err
	}
	whole, later := exportsOf(t)
	for export, want := range map[string]string{whole: "7 records, 2 checkpoints", later: "4 records, 3 checkpoints"} {
		if said, err := check(export); err != nil || !strings.HasPrefix(said, want) {
			t.Fatalf("%v: %s", err, said)
		}
	}
	for _, change := range []struct{ export, file, old, new, want string }{
		{whole, "chain/", `"object":"third"`, `"object":"THIRD"`, " 3: edited"},
		{whole, "chain/", `"object":"last"`, `"object":"LAST"`, "its end was cut off or edited"},
		{whole, "chain/", `"number":2,`, `"number":9,`, " 2: another record"},
		{later, "chain/", `"object":"last"`, `"object":"LAST"`, " 3: edited"},
		{later, "retired.txt\x00", " 4 ", " 3 ", "given up as no checkpoint had it"},
	} {
		text, err := os.ReadFile(change.export)
		if err != nil {
			t.Fatal(err)
		}
		changed := filepath.Join(t.TempDir(), "changed.tar")
		at := strings.Index(string(text), change.file)
		at += strings.Index(string(text[at:]), change.old)
		if err := os.WriteFile(changed, append(text[:at:at], change.new+string(text[at+len(change.old):])...), 0o600); err != nil {
			t.Fatal(err)
		}
		if said, err := check(changed); err == nil || !strings.Contains(said, change.want) {
			t.Errorf("%s: %v: %s", change.new, err, said)
		}
	}
}

// auditorsProgram is a file with the program.
func auditorsProgram(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile("../../docs/auditor.md")
	if err != nil {
		t.Fatal(err)
	}
	_, program, _ := strings.Cut(string(page), "```python\n")
	program, _, found := strings.Cut(program, "```")
	if !found {
		t.Fatal("the page has no program")
	}
	path := filepath.Join(t.TempDir(), "check.py")
	if err := os.WriteFile(path, []byte(program), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// exportsOf are two of a log with two chains and two checkpoints: one of all of it,
// and one after the first chain was retired.
func exportsOf(t *testing.T) (whole, later string) {
	t.Helper()
	private, public, err := audit.GenerateKey("tollgate-test")
	if err != nil {
		t.Fatal(err)
	}
	notary, err := audit.NewNotary(private)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "tollgate.db")
	at := time.Now().Add(-48 * time.Hour)
	var kept *store.Store
	for _, objects := range [][]string{{"first", "second", "third", "fourth"}, {"fifth", "sixth", "last"}} {
		if kept, err = store.Open(t.Context(), path); err != nil {
			t.Fatal(err)
		}
		defer kept.Close()
		if err := kept.BeginChain(t.Context(), audit.Scribe{}, at); err != nil {
			t.Fatal(err)
		}
		for _, object := range objects {
			if err := kept.Note(t.Context(), tollgate.AuditEvent{Time: at, Action: "test", Actor: "test", Object: object, Outcome: "done"}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := kept.TakeCheckpoint(t.Context(), notary, at); err != nil {
			t.Fatal(err)
		}
		at = at.Add(24 * time.Hour)
	}
	whole = archived(t, kept, public)
	if done, err := kept.Retire(t.Context(), notary, store.Retirement{Before: at.Add(-36 * time.Hour), At: at}); err != nil || done.Records != 4 {
		t.Fatal(done, err)
	}
	if _, err := kept.TakeCheckpoint(t.Context(), notary, at); err != nil {
		t.Fatal(err)
	}
	return whole, archived(t, kept, public)
}

func archived(t *testing.T, kept *store.Store, public string) (path string) {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "audit.tar"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := audit.Export(t.Context(), kept.Trail(), public, time.Now(), file); err != nil {
		t.Fatal(err)
	}
	return file.Name()
}
