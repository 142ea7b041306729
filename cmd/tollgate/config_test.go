package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tollgate/docs/reference"
)

const configCanary = "sk-ant-canary-0123456789"

// tryConfig runs "tollgate config" with a file of this text.
func tryConfig(t *testing.T, text string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	t.Setenv("CANARY", configCanary)
	file := filepath.Join(t.TempDir(), "tollgate.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for i, arg := range args {
		args[i] = strings.ReplaceAll(arg, "FILE", file)
	}
	var out, err bytes.Buffer
	status = run(append([]string{"config"}, args...), strings.NewReader(""), &out, &err)
	if strings.Contains(out.String()+err.String(), configCanary) {
		t.Errorf("a secret is shown:\n%s%s", out.String(), err.String())
	}
	return status, out.String(), err.String()
}

const goodConfig = `upstreams: [{name: anthropic, provider: anthropic, api_key: "${CANARY}"}]`

const badConfig = `upstreams:
  - {name: anthropic, provider: anthropic, api_key: "${CANARY}", base_url: "https://${CANARY}@example.com"}
limits: {drian: 10m}
`

func TestConfigCheck(t *testing.T) {
	status, stdout, stderr := tryConfig(t, goodConfig, "check", "--config", "FILE")
	if status != done || !strings.HasPrefix(stdout, "ok\n") || stderr != "" {
		t.Errorf("good: %d\n%s%s", status, stdout, stderr)
	}
	status, stdout, stderr = tryConfig(t, badConfig, "check", "--config", "FILE")
	if status != failed || stdout != "" || !strings.Contains(stderr, "\n  line 2: upstreams[0].base_url: ") ||
		!strings.Contains(stderr, "\n  line 3: limits.drian: is not a known key; did you mean drain?\n") {
		t.Errorf("bad: %d\n%s%s", status, stdout, stderr)
	}
}

func TestConfigCheckAsJSON(t *testing.T) {
	status, stdout, _ := tryConfig(t, badConfig, "check", "--json", "--config", "FILE")
	var told verdict
	if err := json.Unmarshal([]byte(stdout), &told); err != nil || status != failed {
		t.Fatalf("%d, %v: %s", status, err, stdout)
	}
	if told.OK || len(told.Problems) != 2 || told.Problems[1] != (problem{"limits.drian", 3, "is not a known key", "did you mean drain?"}) {
		t.Errorf("got %+v", told)
	}
	status, stdout, _ = tryConfig(t, goodConfig, "check", "--json", "--config", "FILE")
	if status != done || !strings.Contains(stdout, `"ok": true`) || !strings.Contains(stdout, `"problems": []`) {
		t.Errorf("good: %d\n%s", status, stdout)
	}
}

func TestConfigShow(t *testing.T) {
	for _, form := range []struct{ flag, want string }{
		{"--json=false", "base_url: https://api.anthropic.com\n"},
		{"--json", `"base_url": "https://api.anthropic.com",`},
	} {
		status, stdout, stderr := tryConfig(t, goodConfig, "show", form.flag, "--config", "FILE")
		if status != done || !strings.Contains(stdout, form.want) || !strings.Contains(stdout, "[redacted]") || stderr != "" {
			t.Errorf("%s: %d\n%s%s", form.flag, status, stdout, stderr)
		}
	}
	if status, stdout, _ := tryConfig(t, badConfig, "show", "--config", "FILE"); status != failed || stdout != "" {
		t.Errorf("bad: %d\n%s", status, stdout)
	}
}

func TestConfigWithoutAFile(t *testing.T) {
	t.Setenv("ANTHROPIC_API_KEY", configCanary)
	if status, stdout, stderr := tryConfig(t, "", "check"); status != done {
		t.Errorf("%d\n%s%s", status, stdout, stderr)
	}
	t.Setenv("ANTHROPIC_API_KEY", "")
	if status, _, stderr := tryConfig(t, "", "check"); status != failed || !strings.Contains(stderr, "set ANTHROPIC_API_KEY") {
		t.Errorf("%d\n%s", status, stderr)
	}
}

func TestConfigReference(t *testing.T) {
	if status, stdout, _ := tryConfig(t, "", "reference"); status != done || stdout != reference.Configuration || stdout == "" {
		t.Errorf("%d\n%s", status, stdout)
	}
}

func TestConfigWrongUsage(t *testing.T) {
	for _, args := range [][]string{{}, {"chek"}, {"check", "FILE"}, {"check", "--config"}, {"show", "--yaml"}} {
		if status, stdout, stderr := tryConfig(t, goodConfig, args...); status != wrong || stdout != "" || stderr == "" {
			t.Errorf("%q: %d\n%s%s", args, status, stdout, stderr)
		}
	}
}
