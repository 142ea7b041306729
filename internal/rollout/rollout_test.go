package rollout

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"tollgate"
	"tollgate/internal/secret"
)

var update = flag.Bool("update", false, "write the golden files anew")

// models are what a gateway serves in these tests.
func models(ids ...string) ([]tollgate.Model, func(string) bool) {
	var all []tollgate.Model
	for i, id := range ids {
		all = append(all, tollgate.Model{ID: id, CreatedAt: time.Unix(int64(i), 0)})
	}
	return all, func(model string) bool { return slices.Contains(ids, model) }
}

func testGateway() Gateway {
	g := Gateway{URL: "https://llm-gateway.example.com", Format: Messages, Fast: true, CA: []byte("-----BEGIN CERTIFICATE-----\n"), Cloud: Cloud{"eu-central-1", "wrkspc_1", "acme", "global"}}
	g.Models, g.Serves = models("claude-opus-5-5", "claude-sonnet-4-6", "claude-sonnet-5")
	return g
}

// awkward is a helper with every character that some form has to escape.
const awkward = `/opt/it's a "key"\helper --team <a&b> $HOME`

func testKey() secret.String { return secret.New(tollgate.NewKeyString(tollgate.NewKeyID())) }

func textOf(t *testing.T, files []File, path string) []byte {
	t.Helper()
	for _, file := range files {
		if file.Path == path {
			return file.Text
		}
	}
	t.Fatalf("there is no %s", path)
	return nil
}

// TestGolden holds a whole rollout. Write it anew with -update.
func TestGolden(t *testing.T) {
	files := Files(testGateway(), Credential{Helper: "tollgate key-helper"}, Targets)
	var names []string
	for _, file := range files {
		path := filepath.Join("testdata", "golden", filepath.FromSlash(file.Path))
		names = append(names, file.Path)
		if *update {
			_ = os.MkdirAll(filepath.Dir(path), 0o755)
			_ = os.WriteFile(path, file.Text, 0o644)
		}
		want, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(want, file.Text) {
			t.Errorf("%s is not what %s holds (%v); look at the difference, and run the test with -update if it is meant", file.Path, path, err)
		}
	}
	_ = filepath.WalkDir(filepath.Join("testdata", "golden"), func(path string, d os.DirEntry, _ error) error {
		name, _ := filepath.Rel(filepath.Join("testdata", "golden"), path)
		if !d.IsDir() && !slices.Contains(names, filepath.ToSlash(name)) {
			t.Errorf("%s is no longer written", path)
		}
		return nil
	})
}

// TestModelsThatAreNamed: only what the client would ask for in vain.
func TestModelsThatAreNamed(t *testing.T) {
	for _, test := range []struct {
		name   string
		format Format
		served []string
		want   map[string]string
	}{
		{"all three", Messages, []string{"claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5"}, map[string]string{}},
		{"an older haiku", Messages, []string{"claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-4-5"}, map[string]string{"ANTHROPIC_DEFAULT_HAIKU_MODEL": "claude-haiku-4-5"}},
		{"no opus", Messages, []string{"claude-sonnet-5-5", "claude-haiku-5-5"}, map[string]string{"ANTHROPIC_DEFAULT_OPUS_MODEL": "claude-sonnet-5-5", "ANTHROPIC_MODEL": "claude-sonnet-5-5"}},
		{"nothing", Messages, nil, map[string]string{}},
		{"foundry", Foundry, []string{"claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5"}, map[string]string{
			"ANTHROPIC_DEFAULT_OPUS_MODEL": "claude-opus-5-5", "ANTHROPIC_DEFAULT_SONNET_MODEL": "claude-sonnet-5-5", "ANTHROPIC_DEFAULT_HAIKU_MODEL": "claude-haiku-5-5", "ANTHROPIC_MODEL": "claude-opus-5-5",
		}},
	} {
		g := Gateway{Format: test.format}
		g.Models, g.Serves = models(test.served...)
		got := map[string]string{}
		for _, variable := range g.named() {
			got[variable.Name] = variable.Value
		}
		if !maps.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

// TestPromise6_NoCredentialWhereNoneBelongs: the key is in files that only their owner reads,
// in none that goes into a repository, and no login is enforced anywhere.
func TestPromise6_NoCredentialWhereNoneBelongs(t *testing.T) {
	key := testKey()
	holding := 0
	for _, file := range Files(testGateway(), Credential{Key: key}, Targets) {
		has := strings.Contains(fromUTF16(file.Text), key.Reveal())
		if has {
			holding++
		}
		if has != (file.Mode == private) {
			t.Errorf("%s: it holds the key: %v, its mode is %o", file.Path, has, file.Mode)
		}
		if file.Path != "README.md" && bytes.Contains(file.Text, []byte("forceLogin")) {
			t.Errorf("%s enforces a login", file.Path)
		}
	}
	if holding < 8 {
		t.Errorf("%d files hold the key", holding)
	}
	for _, wrong := range []string{"sk-ant-api03-0123456789", "", "tgk_short", "Bearer " + key.Reveal()} {
		if _, err := ParseKey(wrong); err == nil || wrong != "" && strings.Contains(err.Error(), wrong) {
			t.Errorf("the key %q: %v", wrong, err)
		}
	}
}

// TestEveryFormHoldsTheSameValues reads what was written for each system, with our own reader and
// with Python's, and compares it with the Linux file.
func TestEveryFormHoldsTheSameValues(t *testing.T) {
	for _, credential := range []Credential{{Helper: awkward}, {Key: testKey()}} {
		files := Files(testGateway(), credential, Targets)
		want, err := Read(textOf(t, files, "linux/managed-settings.json"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{"macos/managed-settings.json", "macos/tollgate.mobileconfig", "windows/managed-settings.json", "windows/tollgate.reg", "vscode/settings.json"} {
			got, err := Read(textOf(t, files, path))
			if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			compare(t, path, got, want)
			if strings.HasSuffix(path, ".mobileconfig") || strings.HasSuffix(path, ".reg") {
				independent, err := Read(byPython(t, path, textOf(t, files, path)))
				if err != nil {
					t.Fatalf("%s by Python: %v", path, err)
				}
				compare(t, path+" by Python", independent, want)
			}
		}
	}
}

func compare(t *testing.T, path string, got, want *Found) {
	t.Helper()
	if got.Settings && got.Helper != want.Helper {
		t.Errorf("%s has the helper %s", path, got.Helper)
	}
	for name, value := range want.Env {
		if name == "NODE_EXTRA_CA_CERTS" { // a path, which each system has its own of
			continue
		}
		if got.Env[name] != value {
			t.Errorf("%s: %s is %q, want %q", path, name, got.Env[name], value)
		}
	}
	if len(got.Env) > len(want.Env) || len(got.Env) < len(want.Env)-1 {
		t.Errorf("%s has %d variables, want %d", path, len(got.Env), len(want.Env))
	}
}

const python = `
import sys, json, plistlib, re
data = sys.stdin.buffer.read()
if sys.argv[1].endswith(".mobileconfig"):
    profile = plistlib.loads(data)
    (payload,) = [p for p in profile["PayloadContent"] if p["PayloadType"] == "com.anthropic.claudecode"]
    assert profile["PayloadType"] == "Configuration" and profile["PayloadUUID"] and payload["PayloadUUID"] != profile["PayloadUUID"]
    print(json.dumps(payload))
else:
    assert data[:2] == b"\xff\xfe"
    lines = data.decode("utf-16").split("\r\n")
    assert lines[0] == "Windows Registry Editor Version 5.00"
    assert lines[2] == r"[HKEY_LOCAL_MACHINE\SOFTWARE\Policies\ClaudeCode]"
    name, value = re.fullmatch(r'"((?:[^"\\]|\\.)*)"="((?:[^"\\]|\\.)*)"', lines[3]).groups()
    assert name == "Settings"
    print(re.sub(r"\\(.)", r"\1", value))
`

func byPython(t *testing.T, path string, text []byte) []byte {
	t.Helper()
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("THE FORMS OF MACOS AND WINDOWS ARE NOT READ BY ANOTHER PROGRAM: there is no python3 here")
	}
	command := exec.Command("python3", "-c", python, path)
	command.Stdin, command.Stderr = bytes.NewReader(text), os.Stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("Python cannot read %s: %v", path, err)
	}
	return out
}

// TestShells: the file is a script of every shell that is here, and gives its values.
func TestShells(t *testing.T) {
	helper := filepath.Join(t.TempDir(), "helper")
	_ = os.WriteFile(helper, []byte("#!/bin/sh\necho tgk_from_the_helper\n"), 0o700)
	for _, shell := range []string{"sh", "bash", "zsh"} {
		if _, err := exec.LookPath(shell); err != nil {
			t.Logf("%s IS NOT TESTED: it is not here", shell)
			continue
		}
		files := Files(testGateway(), Credential{Helper: helper}, Targets)
		script := filepath.Join(t.TempDir(), "env.sh")
		_ = os.WriteFile(script, textOf(t, files, "shell/env.sh"), 0o600)
		if out, err := exec.Command(shell, "-n", script).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v %s", shell, err, out)
		}
		out, err := exec.Command(shell, "-c", ". "+script+"; env").Output()
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range NewSettings(testGateway(), Credential{Helper: helper}).on(linux) {
			if !strings.Contains(string(out), name+"="+value+"\n") {
				t.Errorf("%s has no %s=%s", shell, name, value)
			}
		}
		if !strings.Contains(string(out), "ANTHROPIC_AUTH_TOKEN=tgk_from_the_helper\n") {
			t.Errorf("%s has no key", shell)
		}
	}
}

func TestYAMLAndSourcesCanBeRead(t *testing.T) {
	files := Files(testGateway(), Credential{Helper: awkward}, Targets)
	for _, path := range []string{"github-actions/env.yml", "ansible/tollgate.yml"} {
		var value any
		if err := yaml.Unmarshal(textOf(t, files, path), &value); err != nil || value == nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	for _, check := range []struct{ path, program, flag, code string }{
		{"agent-sdk/gateway.py", "python3", "-c", "import ast, sys; ast.parse(sys.stdin.read())"},
		{"install.sh", "sh", "-n", "/dev/stdin"},
	} {
		if _, err := exec.LookPath(check.program); err != nil {
			t.Logf("%s IS NOT TESTED: there is no %s here", check.path, check.program)
			continue
		}
		command := exec.Command(check.program, check.flag, check.code)
		command.Stdin = bytes.NewReader(textOf(t, files, check.path))
		if out, err := command.CombinedOutput(); err != nil {
			t.Errorf("%s: %v %s", check.path, err, out)
		}
	}
}

func TestInstall(t *testing.T) {
	from, to := t.TempDir(), filepath.Join(t.TempDir(), "claude-code")
	if err := Write(from, Files(testGateway(), Credential{Helper: "h"}, Targets), false); err != nil {
		t.Fatal(err)
	}
	_ = os.MkdirAll(to, 0o755)
	policy := []byte(`{"permissions":{}}`)
	_ = os.WriteFile(filepath.Join(to, "managed-settings.json"), policy, 0o644)
	command := exec.Command(filepath.Join(from, "install.sh"))
	command.Env = append(os.Environ(), "FOLDER="+to)
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	kept, _ := os.ReadFile(filepath.Join(to, "managed-settings.json"))
	installed, err := os.ReadFile(filepath.Join(to, filepath.FromSlash(part)))
	if err != nil || !bytes.Equal(kept, policy) || !json.Valid(installed) {
		t.Errorf("%v: the policy is %s, the part %s", err, kept, installed)
	}
	if left, _ := filepath.Glob(filepath.Join(to, "*", "*.partial*")); len(left) > 0 {
		t.Errorf("%v are left", left)
	}
}

// TestWriteKeepsWhatOthersWrote: nothing is written at all then.
func TestWriteKeepsWhatOthersWrote(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "a", "one")
	write := func(text string, force bool, more ...File) error {
		return Write(folder, append(more, File{"a/one", open, []byte(text)}), force)
	}
	holds := func(want string) {
		t.Helper()
		if got, _ := os.ReadFile(path); string(got) != want {
			t.Errorf("the file holds %q, want %q", got, want)
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(write("first", false, File{"b", private, []byte("x")}))
	must(write("second", false))
	holds("second")
	if _, err := os.Stat(filepath.Join(folder, "b")); err == nil {
		t.Error("what is no longer part of the rollout is still there")
	}
	_ = os.WriteFile(path, []byte("by hand"), 0o600)
	if err := write("third", false); tollgate.AsError(err).Kind != tollgate.Conflict || !strings.Contains(err.Error(), "a/one") {
		t.Errorf("the error is %v", err)
	}
	holds("by hand")
	must(write("by hand", false))
	_ = os.WriteFile(path, []byte("by hand again"), 0o600)
	must(write("third", true))
	holds("third")
}

func TestParseURL(t *testing.T) {
	for text, want := range map[string]string{
		"https://a.example/": "https://a.example", "https://a.example/llm/": "https://a.example/llm", "http://127.0.0.1:8080": "http://127.0.0.1:8080",
		"a.example": "", "https://a.example/v1": "", "https://u:p@a.example": "", "https://a.example?x=1": "", "ftp://a.example": "",
	} {
		if got, err := ParseURL(text); got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %s, %v", text, got, err)
		}
	}
}
