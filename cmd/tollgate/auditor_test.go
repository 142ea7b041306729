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
	export := exportOf(t)
	said, err := exec.CommandContext(t.Context(), python, auditorsProgram(t), export).CombinedOutput()
	if err != nil || !strings.HasPrefix(string(said), "7 records, 2 checkpoints") {
		t.Fatalf("%v: %s", err, said)
	}
	text, err := os.ReadFile(export)
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range []struct{ old, new, want string }{
		{`"object":"third"`, `"object":"THIRD"`, " 3: edited"},
		{`"object":"last"`, `"object":"LAST"`, "its end was cut off or edited"},
		{`"number":2,`, `"number":9,`, " 2: another record"},
	} {
		changed := filepath.Join(t.TempDir(), "changed.tar")
		if err := os.WriteFile(changed, []byte(strings.Replace(string(text), change.old, change.new, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		if said, err := exec.CommandContext(t.Context(), python, auditorsProgram(t), changed).CombinedOutput(); err == nil || !strings.Contains(string(said), change.want) {
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

// exportOf is an export of two chains with two checkpoints.
func exportOf(t *testing.T) string {
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
	for _, objects := range [][]string{{"first", "second", "third", "fourth"}, {"fifth", "sixth", "last"}} {
		kept, err := store.Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		defer kept.Close()
		if err := kept.BeginChain(t.Context(), audit.Scribe{}, time.Now()); err != nil {
			t.Fatal(err)
		}
		for _, object := range objects {
			if err := kept.Note(t.Context(), tollgate.AuditEvent{Time: time.Now(), Action: "test", Actor: "test", Object: object, Outcome: "done"}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := kept.TakeCheckpoint(t.Context(), notary, time.Now()); err != nil {
			t.Fatal(err)
		}
		if objects[0] == "first" {
			continue
		}
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
	return ""
}
