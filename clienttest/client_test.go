package clienttest

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

//go:embed install.sh
var install string

// clientVersion is the client that install.sh installs: the one place where it
// is pinned.
var clientVersion = regexp.MustCompile(`(?m)^version=(\d+\.\d+\.\d+)$`).FindStringSubmatch(install)[1]

// patience is how long one run of the client may take. A run takes about a
// second on an idle machine.
const patience = 60 * time.Second

// program is the client's program file, or skips the test.
func program(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("..", ".cache", "claude-code", clientVersion, "node_modules", "@anthropic-ai", "claude-code", "bin", "claude.exe"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Skipf("THE REAL CLIENT IS NOT TESTED: it is not installed; run clienttest/install.sh (%v)", err)
	}
	return path
}

// client is one developer's machine: a home, a temporary folder and a project
// folder with a file in it, all fresh.
type client struct {
	program string
	home    string
	project string
	env     []string
}

// newClient makes a machine whose environment holds nothing but what is given.
func newClient(t *testing.T, env ...string) *client {
	t.Helper()
	c := &client{program: program(t), home: t.TempDir(), project: t.TempDir()}
	c.write(t, filepath.Join(c.project, "hello.txt"), "hello from the probe file\n")
	c.env = append([]string{
		"PATH=/usr/bin:/bin", "HOME=" + c.home, "CLAUDE_CODE_TMPDIR=" + t.TempDir(),
		"DISABLE_AUTOUPDATER=1", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1",
	}, env...)
	return c
}

func (c *client) write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// set replaces or adds a variable; an empty value removes it.
func (c *client) set(name, value string) {
	var kept []string
	for _, one := range c.env {
		if !strings.HasPrefix(one, name+"=") {
			kept = append(kept, one)
		}
	}
	if value != "" {
		kept = append(kept, name+"="+value)
	}
	c.env = kept
}

// printed is what came of a run.
type printed struct {
	text   string
	errors string
	code   int
}

// run prints the answer to one prompt. The client has its own process group,
// and that group alone is killed when patience ends.
func (c *client) run(t *testing.T, prompt string, flags ...string) printed {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	command := exec.CommandContext(ctx, c.program, append([]string{"-p", prompt}, flags...)...)
	command.Dir, command.Env = c.project, c.env
	alone(command)
	command.WaitDelay = 5 * time.Second
	var out, problems bytes.Buffer
	command.Stdout, command.Stderr = &out, &problems
	err := command.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) || ctx.Err() != nil {
		t.Fatalf("the client did not end by itself: %v\nstdout: %s\nstderr: %s", err, &out, &problems)
	}
	return printed{text: out.String(), errors: problems.String(), code: command.ProcessState.ExitCode()}
}
