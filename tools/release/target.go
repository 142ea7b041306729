package main

import (
	"fmt"
	"slices"
	"strings"
)

// target is a system and a processor, by Go's names.
type target struct{ system, processor string }

var allTargets = []target{
	{"darwin", "amd64"},
	{"darwin", "arm64"},
	{"linux", "amd64"},
	{"linux", "arm64"},
	{"windows", "amd64"},
	{"windows", "arm64"},
}

// parseTargets reads a list such as "linux/amd64,windows/arm64".
func parseTargets(list string) ([]target, error) {
	if list == "" {
		return allTargets, nil
	}
	var targets []target
	for name := range strings.SplitSeq(list, ",") {
		system, processor, _ := strings.Cut(name, "/")
		t := target{system, processor}
		if !slices.Contains(allTargets, t) {
			return nil, fmt.Errorf("tollgate is not released for %q; there are %v", name, allTargets)
		}
		targets = append(targets, t)
	}
	return targets, nil
}

func (t target) String() string { return t.system + "/" + t.processor }

// binary is the name of the program.
func (t target) binary() string {
	if t.system == "windows" {
		return "tollgate.exe"
	}
	return "tollgate"
}

// suffix is the kind of archive that people of the system open without help.
func (t target) suffix() string {
	if t.system == "windows" {
		return ".zip"
	}
	return ".tar.gz"
}

// documents are the files of the repository that go into the archive.
func (t target) documents() []string {
	documents := []string{"LICENSE", "README.md", "CHANGELOG.md"}
	if t.system == "linux" {
		documents = append(documents,
			"deploy/systemd/tollgate.service",
			"deploy/systemd/tollgate.socket",
			"deploy/systemd/tollgate.sysusers",
			"deploy/systemd/tollgate.yaml",
		)
	}
	return documents
}
