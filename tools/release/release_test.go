package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	cyclonedx "github.com/CycloneDX/cyclonedx-go"
)

// commit is the time of a release in these tests, version its version.
const (
	commit  = "1790000000"
	version = "v0.0.0-test"
)

// Two systems stand for all: one of each kind of archive.
const two = "linux/amd64,windows/amd64"

func TestTheSameSourceGivesTheSameRelease(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the gateway three times")
	}
	one, other := copySource(t), copySource(t)
	makeRelease(t, one, two)
	checkRelease(t, filepath.Join(one, "dist"))

	t.Setenv("GOCACHE", t.TempDir()) // or else the second is the first, taken from the cache
	t.Setenv("GOFLAGS", "-tags=nonsense")
	t.Setenv("TZ", "Asia/Kathmandu")
	makeRelease(t, other, "linux/amd64")
	for _, path := range glob(t, filepath.Join(other, "dist", "tollgate_*")) {
		if again := filepath.Join(one, "dist", filepath.Base(path)); !bytes.Equal(read(t, path), read(t, again)) {
			t.Errorf("%s has other bytes when it is built again in another folder", filepath.Base(path))
		}
	}
}

// checkRelease looks at what a release consists of.
func checkRelease(t *testing.T, dist string) {
	for line := range strings.Lines(string(read(t, filepath.Join(dist, checksums)))) {
		sum, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		if digest := sha256.Sum256(read(t, filepath.Join(dist, name))); hex.EncodeToString(digest[:]) != sum {
			t.Errorf("the checksum of %s is wrong", name)
		}
	}
	base := "tollgate_" + version + "_"
	want := []string{checksums, base + "linux_amd64.cdx.json", base + "linux_amd64.tar.gz", base + "windows_amd64.cdx.json", base + "windows_amd64.zip"}
	if got := names(glob(t, filepath.Join(dist, "*"))); !slices.Equal(got, want) {
		t.Errorf("the release consists of %q, want %q", got, want)
	}
	linux, windows := untar(t, filepath.Join(dist, want[2])), unzip(t, filepath.Join(dist, want[4]))
	for _, name := range []string{"LICENSE", "THIRD_PARTY_NOTICES.txt", "tollgate", "tollgate.cdx.json", "tollgate.service"} {
		if len(linux[base+"linux_amd64/"+name]) == 0 {
			t.Errorf("the archive for linux has no %s", name)
		}
	}
	if len(windows[base+"windows_amd64/tollgate.exe"]) == 0 {
		t.Error("the archive for windows has no tollgate.exe")
	}
	checkBill(t, read(t, filepath.Join(dist, want[1])))
	checkNotices(t, string(linux[base+"linux_amd64/THIRD_PARTY_NOTICES.txt"]))
	checkVersion(t, linux[base+"linux_amd64/tollgate"])
}

func checkBill(t *testing.T, text []byte) {
	var bill cyclonedx.BOM
	if err := cyclonedx.NewBOMDecoder(bytes.NewReader(text), cyclonedx.BOMFileFormatJSON).Decode(&bill); err != nil {
		t.Fatal(err)
	}
	if got, want := bill.Metadata.Timestamp, "2026-09-21T14:13:20Z"; got != want {
		t.Errorf("the bill of materials is of %s, want the commit's time, %s", got, want)
	}
	if got := bill.Metadata.Component.Version; got != version {
		t.Errorf("the bill of materials is for version %s, want %s", got, version)
	}
	for _, name := range []string{"std", "modernc.org/sqlite"} {
		if !slices.ContainsFunc(*bill.Components, func(c cyclonedx.Component) bool { return c.Name == name && c.Version != "" }) {
			t.Errorf("the bill of materials does not list %s", name)
		}
	}
	for _, tool := range *bill.Metadata.Tools.Tools {
		if tool.Hashes != nil {
			t.Errorf("the bill of materials has a digest of %s, which differs between machines", tool.Name)
		}
	}
}

func checkNotices(t *testing.T, text string) {
	for _, want := range []string{"\nstd go1.", "The Go Authors", "\nmodernc.org/sqlite v", "\ngithub.com/spf13/cobra v"} {
		if !strings.Contains(text, want) {
			t.Errorf("the notices do not name %q", strings.TrimSpace(want))
		}
	}
}

func checkVersion(t *testing.T, binary []byte) {
	path := filepath.Join(t.TempDir(), "tollgate")
	if err := os.WriteFile(path, binary, 0o755); err != nil {
		t.Fatal(err)
	}
	if out := run(t, "", path, "version"); strings.TrimSpace(out) != "tollgate "+version {
		t.Errorf("the released binary says %q", out)
	}
}

func TestArchivesSayNothingOfTheMachine(t *testing.T) {
	files := func() []file {
		return []file{{"b/two", []byte("2"), 0o755}, {"b/one", []byte("1"), 0o644}}
	}
	at := time.Unix(1_790_000_000, 0).UTC()
	for _, suffix := range []string{".tar.gz", ".zip"} {
		path := filepath.Join(t.TempDir(), "a"+suffix)
		if err := writeArchive(path, files(), at); err != nil {
			t.Fatal(err)
		}
		first := read(t, path)
		reversed := files()
		slices.Reverse(reversed)
		if err := writeArchive(path, reversed, at); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first, read(t, path)) {
			t.Errorf("the order in which files are named changes a %s", suffix)
		}
	}
	path := filepath.Join(t.TempDir(), "a.tar.gz")
	if err := writeArchive(path, files(), at); err != nil {
		t.Fatal(err)
	}
	for name, header := range headers(t, path) {
		if header.Uid != 0 || header.Gid != 0 || header.Uname != "" || header.Gname != "" || !header.ModTime.Equal(at) {
			t.Errorf("%s belongs to %d:%d (%s:%s) and is of %s", name, header.Uid, header.Gid, header.Uname, header.Gname, header.ModTime)
		}
	}
}

func TestAModuleWithoutALicenceIsNotPassedOn(t *testing.T) {
	m := module{Path: "example.com/x", Version: "v1.0.0", Dir: t.TempDir()}
	if _, err := m.terms(); err == nil {
		t.Error("a module without a licence file passes")
	}
	for _, name := range []string{"LICENSE-3RD-PARTY.md", "COPYING"} {
		if err := os.WriteFile(filepath.Join(m.Dir, name), []byte("terms of "+name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	terms, err := m.terms()
	if err != nil || !strings.Contains(terms, "terms of LICENSE-3RD-PARTY.md") || !strings.Contains(terms, "terms of COPYING") {
		t.Errorf("the terms are %q, %v", terms, err)
	}
}

func TestSystemsThatAreNotReleased(t *testing.T) {
	if _, err := parseTargets("linux/amd64,plan9/386"); err == nil {
		t.Error("plan9/386 is taken")
	}
}

// copySource copies what git would commit of the repository into a folder of
// its own. Its name differs in length from others, so that no path goes
// unnoticed.
func copySource(t *testing.T) string {
	t.Helper()
	root := filepath.Join("..", "..")
	to := filepath.Join(t.TempDir(), strings.Repeat("x", 1+len(t.TempDir())%7))
	listed := run(t, root, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	for name := range strings.SplitSeq(strings.TrimSuffix(listed, "\x00"), "\x00") {
		content, err := os.ReadFile(filepath.Join(root, name))
		if os.IsNotExist(err) {
			continue // removed, and not committed yet
		}
		info, statErr := os.Stat(filepath.Join(root, name))
		if err != nil || statErr != nil {
			t.Fatal(err, statErr)
		}
		if err := os.MkdirAll(filepath.Join(to, filepath.Dir(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(to, name), content, info.Mode()); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

// makeRelease is make release, for some systems.
func makeRelease(t *testing.T, root, targets string) {
	t.Helper()
	run(t, root, "make", "release", "VERSION="+version, "SOURCE_DATE_EPOCH="+commit, "TARGETS="+targets)
}

func run(t *testing.T, folder, name string, args ...string) string {
	t.Helper()
	command := exec.Command(name, args...)
	command.Dir = folder
	var stderr strings.Builder
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", strings.Join(command.Args, " "), err, out, stderr.String())
	}
	return string(out)
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("nothing is at %s: %v", pattern, err)
	}
	return paths
}

func names(paths []string) []string {
	var all []string
	for _, path := range paths {
		all = append(all, filepath.Base(path))
	}
	return all
}

// walkTar shows every member of an archive.
func walkTar(t *testing.T, path string, show func(*tar.Header, io.Reader)) {
	t.Helper()
	plain, err := gzip.NewReader(bytes.NewReader(read(t, path)))
	if err != nil {
		t.Fatal(err)
	}
	archive := tar.NewReader(plain)
	for {
		header, err := archive.Next()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		show(header, archive)
	}
}

func headers(t *testing.T, path string) map[string]*tar.Header {
	all := map[string]*tar.Header{}
	walkTar(t, path, func(header *tar.Header, _ io.Reader) { all[header.Name] = header })
	return all
}

func untar(t *testing.T, path string) map[string][]byte {
	all := map[string][]byte{}
	walkTar(t, path, func(header *tar.Header, content io.Reader) {
		text, err := io.ReadAll(content)
		if err != nil {
			t.Fatal(err)
		}
		all[header.Name] = text
	})
	return all
}

func unzip(t *testing.T, path string) map[string][]byte {
	archive, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	all := map[string][]byte{}
	for _, member := range archive.File {
		content, err := member.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(content)
		if err != nil {
			t.Fatal(err)
		}
		all[member.Name] = text
	}
	return all
}
