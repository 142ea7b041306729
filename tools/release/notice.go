package main

import (
	"bytes"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// licenseFile is the name of a file that says on which terms code may be
// passed on, or whom to thank for it.
var licenseFile = regexp.MustCompile(`(?i)^(licen[cs]e|unlicense|copying|copyright|notice|patents)\b`)

// module is a dependency and where its source is on this machine.
type module struct{ Path, Version, Dir string }

// notices collects the terms of everything that is inside a binary. A module
// without any is an error: it must not be passed on.
func (r *release) notices(binary string) ([]byte, error) {
	modules, err := r.modules(binary)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	out.WriteString("tollgate contains the software listed here, on these terms.\n")
	for _, m := range modules {
		terms, err := m.terms()
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&out, "\n%s\n%s %s\n", strings.Repeat("=", 80), m.Path, m.Version)
		out.WriteString(terms)
	}
	return out.Bytes(), nil
}

// modules are what the linker put into a binary, Go's own library first.
func (r *release) modules(binary string) ([]module, error) {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return nil, err
	}
	root, err := r.command(nil, "go", "env", "GOROOT")
	if err != nil {
		return nil, err
	}
	modules := []module{{Path: "std", Version: info.GoVersion, Dir: strings.TrimSpace(string(root))}}
	arguments := []string{"list", "-m", "-json=Path,Version,Dir"}
	for _, dependency := range info.Deps {
		arguments = append(arguments, dependency.Path)
	}
	listed, err := r.command(nil, "go", arguments...)
	if err != nil {
		return nil, err
	}
	for decoder := json.NewDecoder(bytes.NewReader(listed)); ; {
		var m module
		switch err := decoder.Decode(&m); {
		case errors.Is(err, io.EOF):
			return modules, nil
		case err != nil:
			return nil, err
		}
		modules = append(modules, m)
	}
}

// terms are the texts of all licence files of a module, each once. Of Go
// itself it is the one at its top: what lies below is Go's tools.
func (m module) terms() (string, error) {
	var text strings.Builder
	seen := map[string]bool{}
	err := filepath.WalkDir(m.Dir, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != m.Dir && (m.Path == "std" || entry.Name() == "testdata"):
			return fs.SkipDir
		case !entry.Type().IsRegular() || !licenseFile.MatchString(entry.Name()) || strings.HasSuffix(path, ".go"):
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil || seen[string(content)] {
			return err
		}
		seen[string(content)] = true
		name, err := filepath.Rel(m.Dir, path)
		fmt.Fprintf(&text, "\n--- %s\n\n%s\n", filepath.ToSlash(name), bytes.TrimSpace(content))
		return err
	})
	if err == nil && len(seen) == 0 {
		err = fmt.Errorf("%s %s has no licence file", m.Path, m.Version)
	}
	return text.String(), err
}
