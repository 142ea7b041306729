// Command release builds what is published: for each system an archive with
// the binary, its licences and its bill of materials, and one file with the
// checksums of them all.
//
// The same commit gives the same bytes wherever it is built, as long as Go has
// the same version: nothing that is written depends on the machine, the folder
// or the time. It signs nothing and publishes nothing.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	r, err := parse(os.Args[1:])
	if err == nil {
		err = r.run()
	}
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

// release is one version for all its systems.
type release struct {
	root    string // the repository
	out     string // the folder that is written anew
	version string
	time    time.Time // of every file: the commit's
	targets []target
	log     io.Writer
}

func parse(args []string) (*release, error) {
	r := &release{log: os.Stderr}
	flags := flag.NewFlagSet("release", flag.ContinueOnError)
	flags.StringVar(&r.root, "root", "..", "the `FOLDER` of the repository")
	flags.StringVar(&r.out, "out", "../dist", "the `FOLDER` to write; what is in it is removed")
	flags.StringVar(&r.version, "version", "", "the `VERSION` to stamp")
	epoch := flags.Int64("epoch", 0, "the time of every file, in `SECONDS` since 1970")
	targets := flags.String("targets", "", "the systems to build for, as in `linux/amd64,windows/arm64`; all of them if empty")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if r.version == "" || strings.ContainsAny(r.version, "/ ") || *epoch <= 0 {
		return nil, errors.New("-version and -epoch are needed; make release gives both")
	}
	r.time = time.Unix(*epoch, 0).UTC()
	var err error
	r.targets, err = parseTargets(*targets)
	return r, err
}

// run writes the folder anew. After an error, what is in it is of no use.
func (r *release) run() (err error) {
	if r.root, err = filepath.Abs(r.root); err != nil {
		return err
	}
	if err := os.RemoveAll(r.out); err != nil {
		return err
	}
	if err := os.MkdirAll(r.out, 0o755); err != nil {
		return err
	}
	for _, t := range r.targets {
		if err := r.publish(t); err != nil {
			return fmt.Errorf("%s: %w", t, err)
		}
	}
	return writeChecksums(r.out)
}

// publish makes one system's archive, and its bill of materials beside it.
func (r *release) publish(t target) error {
	fmt.Fprintf(r.log, "release: %s\n", t)
	work, err := os.MkdirTemp("", "tollgate-release")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	binary := filepath.Join(work, t.binary())
	if err := r.build(t, binary); err != nil {
		return err
	}
	bill, err := r.bill(binary)
	if err != nil {
		return fmt.Errorf("the bill of materials: %w", err)
	}
	notices, err := r.notices(binary)
	if err != nil {
		return fmt.Errorf("the licences: %w", err)
	}
	files, err := r.contents(t, binary, notices, bill)
	if err != nil {
		return err
	}
	base := filepath.Join(r.out, r.name(t))
	if err := os.WriteFile(base+billSuffix, bill, 0o644); err != nil {
		return err
	}
	return writeArchive(base+t.suffix(), files, r.time)
}

// name is how the files of one system begin.
func (r *release) name(t target) string {
	return fmt.Sprintf("tollgate_%s_%s_%s", r.version, t.system, t.processor)
}

// contents are the files of an archive, in a folder of its name.
func (r *release) contents(t target, binary string, notices, bill []byte) ([]file, error) {
	folder := r.name(t) + "/"
	files := []file{
		{name: folder + "THIRD_PARTY_NOTICES.txt", content: notices, mode: 0o644},
		{name: folder + "tollgate" + billSuffix, content: bill, mode: 0o644},
	}
	sources := map[string]string{t.binary(): binary}
	for _, name := range t.documents() {
		sources[filepath.Base(name)] = filepath.Join(r.root, name)
	}
	pages, err := r.pages()
	if err != nil {
		return nil, err
	}
	for _, page := range pages {
		sources[page] = filepath.Join(r.root, page)
	}
	for name, source := range sources {
		content, err := os.ReadFile(source)
		if err != nil {
			return nil, err
		}
		mode := os.FileMode(0o644)
		if name == t.binary() {
			mode = 0o755
		}
		files = append(files, file{name: folder + filepath.ToSlash(name), content: content, mode: mode})
	}
	return files, nil
}

// pages are the guide and what it leads to, where the README's links expect
// them.
func (r *release) pages() (names []string, err error) {
	for _, pattern := range []string{"docs/*.md", "docs/*/*.md"} {
		found, err := filepath.Glob(filepath.Join(r.root, pattern))
		if err != nil {
			return nil, err
		}
		for _, path := range found {
			name, err := filepath.Rel(r.root, path)
			if err != nil {
				return nil, err
			}
			names = append(names, name)
		}
	}
	return names, nil
}
