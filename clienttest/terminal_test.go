package clienttest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// terminal is the interactive client in a terminal of its own, which tmux
// keeps and which nobody looks at but the test.
type terminal struct {
	tmux   string // the program
	socket string
}

// open starts the interactive client on the machine, past the questions that it
// asks whom it does not know.
func (c *client) open(t *testing.T) *terminal {
	t.Helper()
	tmux, err := exec.LookPath("tmux")
	if err != nil {
		t.Skipf("THE INTERACTIVE CLIENT IS NOT TESTED: there is no tmux; install it (%v)", err)
	}
	known, err := json.Marshal(map[string]any{
		"hasCompletedOnboarding": true, "theme": "dark",
		"projects": map[string]any{c.project: map[string]bool{"hasTrustDialogAccepted": true, "hasCompletedProjectOnboarding": true}},
	})
	if err != nil {
		t.Fatal(err)
	}
	c.write(t, filepath.Join(c.home, ".claude.json"), string(known))
	folder, err := os.MkdirTemp("", "tg") // the path of a socket must be short
	if err != nil {
		t.Fatal(err)
	}
	term := &terminal{tmux: tmux, socket: filepath.Join(folder, "tmux")}
	t.Cleanup(func() {
		if err := os.RemoveAll(folder); err != nil {
			t.Error(err)
		}
	})
	start := []string{"-f", "/dev/null", "new-session", "-d", "-x", "240", "-y", "50", "-c", c.project, "env", "-i", "TERM=xterm-256color", "LANG=C.UTF-8"}
	term.do(t, append(append(start, c.env...), c.program)...)
	t.Cleanup(func() { term.close(t) })
	term.await(t, "❯")
	return term
}

// close ends the client, and returns when it writes into its home no more. tmux
// ends by itself then, since it has nothing else to keep.
func (term *terminal) close(t *testing.T) {
	text, err := term.try("display-message", "-p", "#{pane_pid}")
	group, parseErr := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || parseErr != nil {
		t.Errorf("the client has ended by itself: %v", err)
		return
	}
	if err := endGroup(group); err != nil {
		t.Error(err)
	}
	for late := time.Now().Add(patience); time.Now().Before(late); {
		if _, err := term.try("has-session"); err != nil {
			return
		}
	}
	t.Error("the client does not end")
}

// do gives tmux a command and returns what it printed.
func (term *terminal) do(t *testing.T, arguments ...string) string {
	t.Helper()
	out, err := term.try(arguments...)
	if err != nil {
		t.Fatalf("tmux %s: %v", arguments[0], err)
	}
	return out
}

func (term *terminal) try(arguments ...string) (string, error) {
	var out, problems bytes.Buffer
	command := exec.Command(term.tmux, append([]string{"-S", term.socket}, arguments...)...)
	command.Stdout, command.Stderr = &out, &problems
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("%w: %s", err, &problems)
	}
	return out.String(), nil
}

// say types a prompt, and sends it once it stands on the screen.
func (term *terminal) say(t *testing.T, prompt string) {
	t.Helper()
	term.do(t, "send-keys", "-l", prompt)
	term.await(t, prompt)
	term.do(t, "send-keys", "Enter")
}

// await returns the line in which a text stands once it is on the screen. Some
// texts are there for a few seconds only.
func (term *terminal) await(t *testing.T, text string) (found string) {
	t.Helper()
	term.until(t, "is not on the screen", text, func(line string) bool { found = line; return line != "" })
	return found
}

// awaitGone returns once a text is no longer on the screen.
func (term *terminal) awaitGone(t *testing.T, text string) {
	t.Helper()
	term.until(t, "stays on the screen", text, func(line string) bool { return line == "" })
}

// until looks for the line with a text, again and again, until it is as wanted.
// It is empty where no line has the text.
func (term *terminal) until(t *testing.T, wrong, text string, wanted func(line string) bool) {
	t.Helper()
	look := time.NewTicker(100 * time.Millisecond)
	defer look.Stop()
	late := time.After(patience)
	for {
		screen := term.do(t, "capture-pane", "-p", "-J")
		if wanted(lineWith(screen, text)) {
			return
		}
		select {
		case <-look.C:
		case <-late:
			t.Fatalf("%q %s:\n%s", text, wrong, screen)
		}
	}
}

func lineWith(screen, text string) string {
	for line := range strings.Lines(screen) {
		if strings.Contains(line, text) {
			return strings.TrimSpace(line)
		}
	}
	return ""
}
