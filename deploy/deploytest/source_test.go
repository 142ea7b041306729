package deploytest

import (
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// repository is where the gateway's source is, seen from here.
const repository = "../.."

// copySource copies what git would commit of the repository.
func copySource(t *testing.T, to string) {
	t.Helper()
	run(t, repository, nil, "sh", "-c",
		`git ls-files -z --cached --others --exclude-standard | tar --null --ignore-failed-read -cf - -T - 2>/dev/null | tar -xf - -C "$0"`, to)
}

// scratch holds what the tests share. TestMain makes and removes it.
var scratch string

// built is the gateway, built once for all tests that want it.
var built = sync.OnceValues(func() (string, error) {
	path := filepath.Join(scratch, "tollgate")
	command := exec.Command("go", "build", "-o", path, "./cmd/tollgate")
	command.Dir = repository
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := command.CombinedOutput()
	if err != nil {
		return "", &buildError{string(out)}
	}
	return path, nil
})

type buildError struct{ out string }

func (e *buildError) Error() string { return "the gateway does not build:\n" + e.out }

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler)) // Helm warns of the link to the alert rules each time
	var err error
	if scratch, err = os.MkdirTemp("", "tollgate-deploytest"); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(scratch)
	os.Exit(code)
}

func tollgate(t *testing.T) string {
	t.Helper()
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// checkConfig lets the gateway find the mistakes in a configuration.
func checkConfig(t *testing.T, text string, environment ...string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tollgate.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, "", environment, tollgate(t), "config", "check", "--config", path)
}

// skip says loudly that something was not tested, and why.
func skip(t *testing.T, why string) {
	t.Helper()
	rule := strings.Repeat("#", 76)
	t.Skipf("\n%s\n# NOT TESTED: %s\n%s", rule, why, rule)
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func run(t *testing.T, folder string, environment []string, name string, args ...string) string {
	t.Helper()
	command := exec.Command(name, args...)
	command.Dir = folder
	command.Env = append(os.Environ(), environment...)
	var stderr strings.Builder
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", strings.Join(command.Args, " "), err, out, stderr.String())
	}
	return string(out)
}
