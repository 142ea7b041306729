package deploytest

import (
	"bytes"
	"debug/elf"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

// The user in the image, as a number: Kubernetes has to see that it is not root.
const imageUser = 65532

// stages are those of the Dockerfile: the last one is the image.
func stages(t *testing.T) []instructions.Stage {
	t.Helper()
	parsed, err := parser.Parse(strings.NewReader(read(t, repository+"/Dockerfile")))
	if err != nil {
		t.Fatal(err)
	}
	for _, warning := range parsed.Warnings {
		t.Errorf("Dockerfile: %s", warning.Short)
	}
	all, _, err := instructions.Parse(parsed.AST, nil)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// those are the instructions of a kind.
func those[T instructions.Command](stage instructions.Stage) []T {
	var all []T
	for _, command := range stage.Commands {
		if one, ok := command.(T); ok {
			all = append(all, one)
		}
	}
	return all
}

func TestTheImageHasNothingButTheGateway(t *testing.T) {
	all := stages(t)
	image := all[len(all)-1]
	if image.BaseName != "scratch" {
		t.Errorf("the image begins with %s, not with nothing", image.BaseName)
	}
	if user := those[*instructions.UserCommand](image); len(user) != 1 || user[0].User != "65532:65532" {
		t.Errorf("the user of the image is %v, want a number that is not root's", user)
	}
	if entry := those[*instructions.EntrypointCommand](image); len(entry) != 1 || entry[0].PrependShell || entry[0].CmdLine[0] != "/usr/local/bin/tollgate" {
		t.Errorf("the entry point is %v; there is no shell in the image", entry)
	}
	if volume := those[*instructions.VolumeCommand](image); len(volume) != 1 || !slices.Equal(volume[0].Volumes, []string{"/data"}) {
		t.Errorf("the volumes are %v, want /data alone", volume)
	}
	if stop := those[*instructions.StopSignalCommand](image); len(stop) != 1 || stop[0].Signal != "SIGTERM" {
		t.Errorf("the signal to stop is %v, want the one that drains", stop)
	}
	if got := those[*instructions.RunCommand](image); len(got) != 0 {
		t.Errorf("the image runs %v, and has nothing to run it with", got)
	}
	for _, label := range those[*instructions.LabelCommand](image) {
		for _, pair := range label.Labels {
			if pair.Key == "" || pair.Value == "" {
				t.Errorf("the label %q is %q", pair.Key, pair.Value)
			}
		}
	}
}

func TestTheBuildSeesTheSourceAndNoSecrets(t *testing.T) {
	patterns, err := ignorefile.ReadAll(strings.NewReader(read(t, repository+"/.dockerignore")))
	if err != nil {
		t.Fatal(err)
	}
	ignored, err := patternmatcher.New(patterns)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{
		".git/config":                 true,
		".cache/client/x":             true,
		"dist/SHA256SUMS":             true,
		"tollgate-data/pepper":        true,
		"bin/tollgate":                true,
		"secrets/tls.key":             true,
		"deploy/.env":                 true,
		"cmd/tollgate/main.go":        false,
		"internal/meter/testdata":     false,
		"deploy/systemd/x.service":    false,
		"deploy/container/config.yml": false,
	} {
		if got, err := ignored.MatchesOrParentMatches(name); err != nil || got != want {
			t.Errorf("%s is left out: %v (%v), want %v", name, got, err, want)
		}
	}
	for name := range strings.SplitSeq(strings.TrimSuffix(run(t, repository, nil, "git", "ls-files", "-z"), "\x00"), "\x00") {
		if left, _ := ignored.MatchesOrParentMatches(name); left && path.Dir(name) != "." {
			t.Errorf("%s is in git and would be missing in the build", name)
		}
	}
}

// buildImage does what the Dockerfile says, without an engine: it runs the
// commands of the first stage in a copy of the source, and puts together the
// folder that the last one describes. Owners are set where this is allowed.
func buildImage(t *testing.T) (root string, environment []string) {
	t.Helper()
	all := stages(t)
	source := t.TempDir()
	copySource(t, source)
	arguments := []string{"TARGETOS=linux", "TARGETARCH=" + goarch(t), "VERSION=v0.0.0-test", "SOURCE_DATE_EPOCH=1790000000"}
	for _, command := range those[*instructions.RunCommand](all[0]) {
		run(t, source, arguments, "sh", "-ec", strings.Join(command.CmdLine, " "))
	}
	root = t.TempDir()
	image := all[len(all)-1]
	for _, command := range those[*instructions.CopyCommand](image) {
		for _, from := range command.SourcePaths {
			take(t, source, from, filepath.Join(root, command.DestPath), command)
		}
	}
	for _, command := range those[*instructions.EnvCommand](image) {
		for _, pair := range command.Env {
			environment = append(environment, pair.Key+"="+pair.Value)
		}
	}
	return root, environment
}

// take is one COPY from the first stage, whose folder /src is source. What it
// copies from elsewhere there is taken from this machine.
func take(t *testing.T, source, from, to string, command *instructions.CopyCommand) {
	t.Helper()
	if command.From != "build" {
		t.Fatalf("COPY %s does not come from the build", from)
	}
	if inside, ok := strings.CutPrefix(from, "/src/"); ok {
		from = filepath.Join(source, inside)
	}
	info, err := os.Stat(from)
	switch {
	case os.IsNotExist(err) && strings.HasSuffix(from, "ca-certificates.crt"):
		put(t, to, "none on this machine\n", 0o644)
		return
	case err != nil:
		t.Fatal(err)
	case info.IsDir():
		if err := os.MkdirAll(to, 0o755); err != nil {
			t.Fatal(err)
		}
	default:
		if strings.HasSuffix(command.DestPath, "/") {
			to = filepath.Join(to, filepath.Base(from))
		}
		put(t, to, read(t, from), info.Mode())
	}
	if command.Chown == "65532:65532" && os.Getuid() == 0 {
		if err := os.Chown(to, imageUser, imageUser); err != nil {
			t.Fatal(err)
		}
	}
}

func goarch(t *testing.T) string {
	return strings.TrimSpace(run(t, "", nil, "go", "env", "GOARCH"))
}

// checkStatic fails unless the kernel alone can start the program.
func checkStatic(t *testing.T, program string) {
	t.Helper()
	file, err := elf.NewFile(bytes.NewReader([]byte(read(t, program))))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range file.Progs {
		if part.Type == elf.PT_INTERP {
			t.Error("the binary needs a dynamic linker, and the image has none")
		}
	}
	if libraries, err := file.ImportedLibraries(); err != nil || len(libraries) != 0 {
		t.Errorf("the binary needs %q (%v)", libraries, err)
	}
}

// tree lists every file below a folder with its size and mode.
func tree(t *testing.T, root string) []string {
	t.Helper()
	found := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		found[strings.TrimPrefix(path, root)+" "+info.Mode().String()] = true
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(maps.Keys(found))
}
