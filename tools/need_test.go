// Package tools_test holds the scripts beside it to what they promise.
package tools_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestNeed runs need.sh on a machine whose package sources fail in every way:
// what can be had is installed all the same, and what cannot is said.
func TestNeed(t *testing.T) {
	for name, test := range map[string]struct {
		update, install string // what apt-get does
		done            bool
		says            string
	}{
		"everything works":         {"true", "made", true, "installing package"},
		"the lists cannot be had":  {"false", "made", true, "failed, 3 of 3 times"},
		"the lists come later":     {"[ -e failed ] || { touch failed; false; }", "made", true, "failed, 1 of 3 times"},
		"nothing can be had":       {"false", "false", false, "could not be installed"},
		"another thing is had":     {"true", "true", false, "could not be installed"},
		"the lists are of no help": {"true", "false", false, "Debian: apt-get install package"},
	} {
		t.Run(name, func(t *testing.T) {
			said, err := need(t, test.update, test.install)
			if (err == nil) != test.done || !strings.Contains(said, test.says) {
				t.Errorf("%v; it said\n%s", err, said)
			}
		})
	}
}

// need asks for a command that is not there. The folder of the machine's
// commands has nothing but what the script is given.
func need(t *testing.T, update, install string) (said string, err error) {
	t.Helper()
	script, err := filepath.Abs("need.sh")
	if err == nil {
		_, err = os.Stat(script) // so that go test knows of it
	}
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(folder, name), []byte("#!/bin/bash\n"+text+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	write("id", "echo 0")
	write("made", `echo '#!/bin/bash' > wanted; chmod +x wanted`)
	write("apt-get", "case $1 in\nupdate) "+update+";;\ninstall) "+install+";;\nesac")
	for _, name := range []string{"touch", "chmod"} {
		path, err := exec.LookPath(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(path, filepath.Join(folder, name)); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.CommandContext(t.Context(), "/bin/bash", script, "wanted", "package")
	command.Dir, command.Env = folder, []string{"PATH=" + folder}
	text, err := command.CombinedOutput()
	return string(text), err
}
