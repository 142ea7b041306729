package store_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tollgate"
	"tollgate/internal/audit"
)

// TestPromise5_AnExport proves itself with nothing but the public key, and what is
// done to it is found.
func TestPromise5_AnExport(t *testing.T) {
	a := newAudited(t)
	a.append(t, 8)
	held := a.checkpoint(t)
	a.append(t, 4)
	a.checkpoint(t)
	if err := a.Note(t.Context(), tollgate.AuditEvent{Time: a.at, Action: "audit.export", Actor: "admin:x", Outcome: "done", About: []byte(`{"text":"<é>"}`)}); err != nil {
		t.Fatal(err)
	}
	var whole bytes.Buffer
	if err := audit.Export(t.Context(), a.Trail(), "key", a.at, &whole); err != nil {
		t.Fatal(err)
	}
	line := func(number int) string {
		return a.lines(t)[number-1] + "\n"
	}
	for name, attack := range map[string]struct {
		do   func(export string) string
		want string
	}{
		"nothing": {func(export string) string { return export }, ""},
		"a figure": {func(export string) string {
			return strings.Replace(export, `"output_tokens":912`, `"output_tokens":911`, 1)
		}, "edited 1"},
		"a figure in the fourth": {func(export string) string {
			return strings.Replace(export, line(4), strings.Replace(line(4), `"output_tokens":912`, `"output_tokens":911`, 1), 1)
		}, "edited 4"},
		"two swapped": {func(export string) string { return strings.Replace(export, line(3)+line(4), line(4)+line(3), 1) }, "reordered 3"},
		"one twice":   {func(export string) string { return strings.Replace(export, line(3)+line(4), line(3)+line(3), 1) }, "reordered 4"},
		"a head":      {func(export string) string { return strings.Replace(export, a.Chain()+" 13 ", a.Chain()+" 12 ", 1) }, "edited 12"},
		"a leaf":      {func(export string) string { return strings.Replace(export, a.Chain()+" 8 ", a.Chain()+" 9 ", 1) }, "forked 0"},
	} {
		t.Run(name, func(t *testing.T) {
			changed := attack.do(whole.String())
			if name != "nothing" && changed == whole.String() {
				t.Fatal("nothing was changed")
			}
			report := verifyExport(t, a, changed, held)
			if attack.want == "" {
				if !report.OK() || report.Records != 13 || report.Checkpoints != 2 || report.Held != 1 || report.Uncommitted != 1 || report.Compared {
					t.Errorf("%+v", report)
				}
				return
			}
			if report.OK() || fmt.Sprint(report.Faults[0].Kind, " ", report.Faults[0].Number) != attack.want {
				t.Errorf("found %+v, want %s", report.Faults, attack.want)
			}
		})
	}
}

func verifyExport(t *testing.T, a *auditedStore, text, held string) audit.Report {
	t.Helper()
	path := filepath.Join(t.TempDir(), "audit.tar")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	archive, err := audit.OpenArchive(file)
	if err != nil {
		t.Fatal(err)
	}
	report, err := audit.Verify(t.Context(), archive, nil, a.keys, []string{held})
	if err != nil {
		t.Fatal(err)
	}
	return report
}
