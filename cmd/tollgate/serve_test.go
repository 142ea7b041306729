package main

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A configuration that is not taken over leaves a line for each mistake, and
// the running gateway as it is.
func TestReloadNamesEveryMistakeInALineOfItsOwn(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tollgate.yaml")
	if err := os.WriteFile(file, []byte("limits: {drian: 10m}\nupstreams: [{name: a, provider: anthropic}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	reload(nil, file, slog.New(slog.NewTextHandler(&out, nil)))
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 3 || !strings.Contains(lines[0], `problem="line 1: limits.drian: is not a known key`) ||
		!strings.Contains(lines[1], `problem="line 2: upstreams[0]: has no credential`) ||
		!strings.Contains(lines[2], "the last one stays in force") || strings.Contains(out.String(), `\n`) {
		t.Errorf("the log has\n%s", &out)
	}
}
