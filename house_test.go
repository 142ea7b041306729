package tollgate_test

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The picture of the house. A package stands on one floor and imports only
// from the floors below its own; packages of one floor ignore each other.
// A folder and what lies under it are one package here: internal/dialect
// speaks for internal/dialect/messages too.
var house = []struct {
	floor    string
	packages []string
}{
	{"leaves and nouns", []string{".", "docs", "internal/bound", "internal/eventstream", "internal/jsonedit", "internal/payload", "internal/secret", "internal/sse"}},
	{"wire", []string{"api"}},
	{"parts", []string{
		"client",
		"internal/alert",
		"internal/audit",
		"internal/cred",
		"internal/dialect",
		"internal/doctor",
		"internal/handover",
		"internal/identity",
		"internal/journal",
		"internal/keyhelper",
		"internal/meter",
		"internal/policy",
		"internal/rollout",
		"internal/route",
		"internal/simulator",
		"internal/store",
		"internal/tokenexchange",
		"internal/upstream",
	}},
	{"surfaces", []string{"internal/admin", "internal/check", "internal/observe", "internal/preview", "internal/proxy"}},
	{"config", []string{"internal/config"}}, // composes what the parts and surfaces own
	{"app", []string{"internal/app"}},
	{"commands", []string{"bench", "clienttest", "cmd/tollgate", "internal/gatewaytest", "soak"}},
}

// Where the picture has an exception, the reason stands beside it.
var exceptions = map[edge]struct {
	allowed bool
	because string
}{
	{"internal/upstream", "internal/cred"}:    {true, "an upstream is an endpoint that takes a credential"},
	{"internal/upstream", "internal/dialect"}: {true, "an upstream writes calls in the dialect of its provider"},
	{"internal/admin", "internal/store"}:      {false, "admin says what it needs of a store in interfaces of its own, and app brings the two together"},
	{"internal/proxy", "internal/store"}:      {false, "nothing on the path of a request waits for a database"},
}

// edge is one import: from imports to.
type edge struct{ from, to string }

// listed is what `go list` says of a package.
type listed struct {
	ImportPath string
	Doc        string // the first sentence of the package comment
	Imports    []string
}

const module = "tollgate"

func TestEveryPackageHasItsPlace(t *testing.T) {
	missing := floors()
	for _, p := range packages(t) {
		place := placeOf(p.ImportPath)
		if _, known := floors()[place]; !known {
			t.Errorf("%s is not in the picture of the house: add it to the floor it belongs on, in house_test.go, and to the tour in doc.go", place)
		}
		delete(missing, place)
	}
	for _, place := range slices.Sorted(maps.Keys(missing)) {
		t.Errorf("%s is in the picture of the house but not in the tree: take it out of house_test.go", place)
	}
}

func TestImportsGoOneWay(t *testing.T) {
	seen := map[edge]bool{}
	for _, p := range packages(t) {
		for _, imported := range p.Imports {
			e := edge{placeOf(p.ImportPath), placeOf(imported)}
			if e.to == "" || e.from == e.to {
				continue
			}
			seen[e] = true
			if complaint := objection(e); complaint != "" {
				t.Errorf("%s imports %s: %s", p.ImportPath, imported, complaint)
			}
		}
	}
	for e, exception := range exceptions {
		if exception.allowed && !seen[e] {
			t.Errorf("%s may import %s as an exception and does not: take the exception out", e.from, e.to)
		}
	}
}

func TestObjections(t *testing.T) {
	for _, c := range []struct {
		edge
		welcome bool
	}{
		{edge{"internal/meter", "internal/sse"}, true},
		{edge{"internal/meter", "."}, true},
		{edge{"internal/app", "internal/store"}, true},
		{edge{"internal/upstream", "internal/cred"}, true},
		{edge{"internal/cred", "internal/upstream"}, false},
		{edge{"internal/meter", "internal/store"}, false},
		{edge{"internal/sse", "."}, false},
		{edge{".", "internal/secret"}, false},
		{edge{"internal/admin", "internal/store"}, false},
		{edge{"internal/store", "internal/app"}, false},
	} {
		if complaint := objection(c.edge); (complaint == "") != c.welcome {
			t.Errorf("%s imports %s: objection %q, welcome should be %v", c.from, c.to, complaint, c.welcome)
		}
	}
}

func TestTheNounsImportTheStandardLibraryOnly(t *testing.T) {
	for _, p := range packages(t) {
		if p.ImportPath != module {
			continue
		}
		for _, imported := range p.Imports {
			if first, _, _ := strings.Cut(imported, "/"); first == module || strings.Contains(first, ".") {
				t.Errorf("the root package imports %s; it holds nouns, and imports the standard library only", imported)
			}
		}
	}
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	for _, p := range packages(t) {
		if p.Doc == "" {
			t.Errorf("%s has no package comment: say what it is for, what it refuses to do and which invariant it keeps", p.ImportPath)
		}
	}
}

func TestTheTourNamesEveryPackage(t *testing.T) {
	tour := read(t, "doc.go")
	for _, place := range slices.Sorted(maps.Keys(floors())) {
		name := strings.TrimPrefix(place, "internal/")
		if place != "." && !regexp.MustCompile(`\b`+regexp.QuoteMeta(name)+`\b`).MatchString(tour) {
			t.Errorf("doc.go does not name %s: the tour has to pass every package", place)
		}
	}
}

func TestEveryDependencyIsAccountedFor(t *testing.T) {
	accounts := map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([^`]+)` ").FindAllStringSubmatch(read(t, "docs/design/dependencies.md"), -1) {
		if accounts[row[1]] {
			t.Errorf("docs/design/dependencies.md has two rows for %s", row[1])
		}
		accounts[row[1]] = true
	}
	for _, path := range dependencies(t) {
		if !accounts[path] {
			t.Errorf("%s has no row in docs/design/dependencies.md: say what it is for and why it is worth having", path)
		}
		delete(accounts, path)
	}
	for path := range accounts {
		t.Errorf("docs/design/dependencies.md has a row for %s, which is no direct dependency: take it out", path)
	}
}

// objection is what stands against an import, or nothing.
func objection(e edge) string {
	if exception, ok := exceptions[e]; ok {
		if exception.allowed {
			return ""
		}
		return exception.because
	}
	from, to := floors()[e.from], floors()[e.to]
	switch {
	case from > to:
		return ""
	case from == to:
		return "packages of one floor ignore each other; app brings them together (or house_test.go gets an exception, with its reason)"
	default:
		return "imports go down only, and the floor of " + house[from].floor + " is below that of " + house[to].floor
	}
}

// floors maps each place to the number of its floor, counted from below.
func floors() map[string]int {
	numbers := map[string]int{}
	for number, floor := range house {
		for _, place := range floor.packages {
			numbers[place] = number
		}
	}
	return numbers
}

// placeOf is the package's name in the picture: "." for the root,
// "internal/dialect" for everything under it, and nothing for a package of
// another module.
func placeOf(importPath string) string {
	if importPath == module {
		return "."
	}
	path, ours := strings.CutPrefix(importPath, module+"/")
	if !ours {
		return ""
	}
	parts := strings.Split(path, "/")
	if parts[0] == "internal" || parts[0] == "cmd" {
		return strings.Join(parts[:min(2, len(parts))], "/")
	}
	return parts[0]
}

// dependencies are the modules that go.mod requires directly, and the tools.
func dependencies(t *testing.T) []string {
	type modfile struct {
		Require []struct {
			Path     string
			Indirect bool
		}
		Tool []struct{ Path string }
	}
	var paths []string
	for _, name := range []string{"go.mod", "tools/go.mod"} {
		var file modfile
		if err := json.Unmarshal(run(t, "go", "mod", "edit", "-json", name), &file); err != nil {
			t.Fatal(err)
		}
		for _, required := range file.Require {
			if !required.Indirect {
				paths = append(paths, required.Path)
			}
		}
		for _, tool := range file.Tool {
			paths = append(paths, tool.Path)
		}
	}
	return paths
}

// packages are all packages of the module.
func packages(t *testing.T) []listed {
	t.Helper()
	var all []listed
	out := json.NewDecoder(strings.NewReader(string(run(t, "go", "list", "-json=ImportPath,Doc,Imports", "./..."))))
	for out.More() {
		var p listed
		if err := out.Decode(&p); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

func run(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	command := exec.Command(name, args...)
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s %s: %v", name, strings.Join(args, " "), err)
	}
	return out
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
