package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// profiler collects CPU profiles of the gateway, one for each line. Its zero
// value collects none.
type profiler struct {
	folder string
	binary string
}

// file is where the gateway has to write its profile of this line.
func (p profiler) file(name string) string {
	if p.folder == "" || name == "" {
		return ""
	}
	return filepath.Join(p.folder, strings.ReplaceAll(name, " ", "-")+".prof")
}

// explain turns the profile into a page of text beside it, in which every
// figure is the time for one request. The gateway must have ended.
func (p profiler) explain(ctx context.Context, name string, requests int) error {
	if p.folder == "" {
		return nil
	}
	page := fmt.Sprintf("CPU time of the gateway for one request of the line %q, over %d requests.\n", name, requests)
	for _, view := range []struct {
		title string
		flags []string
	}{
		{"By what is ours, with everything it calls", []string{"-cum", "-show=^tollgate/|^net/http.*(serve|Loop|readRequest|finishRequest)$|^runtime.gcBgMarkWorker$|^runtime.mallocgc$"}},
		{"By function, by itself", nil},
	} {
		args := []string{"tool", "pprof", "-top", "-nodecount=40", "-unit=us", fmt.Sprintf("-divide_by=%d", requests)}
		out, err := exec.CommandContext(ctx, "go", append(append(args, view.flags...), p.binary, p.file(name))...).Output()
		if err != nil {
			return fmt.Errorf("pprof: %w", err)
		}
		_, rows, _ := strings.Cut(string(out), "\n      flat")
		page += "\n" + view.title + ":\n\n      flat" + rows
	}
	return os.WriteFile(strings.TrimSuffix(p.file(name), ".prof")+".txt", []byte(page), 0o644)
}
