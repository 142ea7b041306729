package clienttest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tollgate"
	"tollgate/internal/rollout"
	"tollgate/internal/secret"
)

// rolledOut is a machine that is told nothing but what a rollout's Linux files
// say, in their place. Its client runs behind a wrapper.
func (l *line) rolledOut(t *testing.T, format rollout.Format, credential rollout.Credential, place string) *client {
	t.Helper()
	g := rollout.Gateway{
		URL: l.wire.url, Format: format, Fast: true, Serves: func(string) bool { return true }, Models: []tollgate.Model{{ID: "claude-opus-5-5"}},
		Cloud: rollout.Cloud{AWSRegion: "us-east-1", AWSWorkspace: "wrkspc_tollgate", Project: "tollgate", Location: "global"},
	}
	folder := t.TempDir()
	if err := rollout.Write(folder, rollout.Files(g, credential, rollout.Targets), false); err != nil {
		t.Fatal(err)
	}
	c := newClient(t)
	c.set("DISABLE_AUTOUPDATER", "")
	c.set("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "")
	c.inside(t, strings.ReplaceAll(place, "ROLLOUT", folder))
	return c
}

// inside wraps the client's program, so that it sees an /etc of its own, a
// copy of the machine's without any settings, in which this command was run.
func (c *client) inside(t *testing.T, prepare string) {
	t.Helper()
	if out, err := exec.Command("unshare", "--mount", "true").CombinedOutput(); err != nil {
		t.Skipf("THE SYSTEM PATH IS NOT TESTED: there can be no mount namespace here: %v: %s", err, out)
	}
	etc := filepath.Join(t.TempDir(), "etc")
	wrapper := filepath.Join(t.TempDir(), "claude")
	c.write(t, wrapper, `#!/bin/sh
set -eu
if [ "${1-}" = inside ]; then
	shift
	cp -a /etc '`+etc+`' 2>/dev/null || true
	rm -rf '`+etc+`/claude-code'
	mount --bind '`+etc+`' /etc
	{ `+prepare+`; } >&2
	exec '`+c.program+`' "$@"
fi
exec unshare --mount "$0" inside "$@"
`)
	if err := os.Chmod(wrapper, 0o700); err != nil {
		t.Fatal(err)
	}
	c.program = wrapper
}

const (
	asTheFile  = `mkdir -p /etc/claude-code && cp 'ROLLOUT/linux/managed-settings.json' /etc/claude-code/managed-settings.json`
	asAPart    = `'ROLLOUT/install.sh' root`
	overPolicy = `mkdir -p /etc/claude-code && echo '{"env":{"ANTHROPIC_BASE_URL":"http://127.0.0.1:1"},"cleanupPeriodDays":7}' > /etc/claude-code/managed-settings.json && ` + asAPart
)

// TestPromise1_TheClientStartsFromTheRolloutAlone: nothing in its environment
// names the gateway; only the generated file does, at its place.
func TestPromise1_TheClientStartsFromTheRolloutAlone(t *testing.T) {
	for _, test := range []struct {
		name   string
		helper bool
		format rollout.Format
		place  string
	}{
		{"a key, the file", false, rollout.Messages, asTheFile},
		{"a helper, the file", true, rollout.Messages, asTheFile},
		{"a key, installed", false, rollout.Messages, asAPart},
		{"a helper, installed beside a policy", true, rollout.Messages, overPolicy},
	} {
		t.Run(test.name, func(t *testing.T) {
			l := newLine(t, "")
			c := l.rolledOut(t, test.format, l.credential(t, test.helper), test.place)
			l.readsAFile(t, c)
			c.checkPicker(t, l.wire.url)
			for _, one := range l.legs(t) {
				if one.row.RequestClass != "main" {
					t.Errorf("the row has class %q, so the hints were not switched on", one.row.RequestClass)
				}
			}
		})
	}
}

// TestPromise6_TheClientStartsFromTheRolloutInEveryFormat does so for clients
// that take the gateway for a cloud.
func TestPromise6_TheClientStartsFromTheRolloutInEveryFormat(t *testing.T) {
	for _, format := range rollout.Formats[1:] {
		for name, helper := range map[string]bool{"key": false, "helper": true} {
			t.Run(string(format)+" with a "+name, func(t *testing.T) {
				l := newLine(t, "")
				c := l.rolledOut(t, format, l.credential(t, helper), asTheFile)
				got := c.run(t, "What does hello.txt say?")
				if got.code != 0 || !strings.Contains(got.text, "hello from the probe file") {
					t.Fatalf("the client printed %+v; it was answered\n%s", got, l.refusals(t))
				}
			})
		}
	}
}

// credential is the gateway's key, or a program that prints it.
func (l *line) credential(t *testing.T, helper bool) rollout.Credential {
	t.Helper()
	if !helper {
		return rollout.Credential{Key: secret.New(l.gateway.Key)}
	}
	script := filepath.Join(t.TempDir(), "helper")
	if err := os.WriteFile(script, []byte("#!/bin/sh\necho "+l.gateway.Key+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return rollout.Credential{Helper: script}
}
