package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"

	"tollgate/api"
)

// told bounds the sentences of one requirement.
const told = 10

// orNone joins sentences, the first of them if there are many.
func orNone(sentences []string) string {
	if len(sentences) == 0 {
		return "nothing amiss"
	}
	text := strings.Join(sentences[:min(told, len(sentences))], "; ")
	if more := len(sentences) - told; more > 0 {
		text += fmt.Sprintf("; and %d more", more)
	}
	return text
}

func sentences(checked api.LedgerCheck, err error) (all []string) {
	if err != nil {
		return []string{err.Error()}
	}
	for _, each := range checked.Checks {
		all = append(all, each.Sentences...)
	}
	return append(all, checked.Notes...)
}

func megabytes(bytes float64) string { return fmt.Sprintf("%.1f MB", bytes/(1<<20)) }
func whole(n float64) string         { return fmt.Sprintf("%.0f", n) }

// markdown is the report for people.
func (r *report) markdown() string {
	var out strings.Builder
	verdict := "passed"
	if !r.met() {
		verdict = "FAILED"
	}
	fmt.Fprintf(&out, "# Soak\n\n<!-- Written by `make soak`. -->\n\nThe gateway under everything that can happen to it, for a while, and what is left of it: **%s**.\n\n", verdict)
	fmt.Fprintf(&out, "* %s, %s on %d cores of %s/%s, begun %s\n", version(r.options.gateway), runtime.Version(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, r.begun.UTC().Format(time.RFC3339))
	fmt.Fprintf(&out, "* %s, %d clients with a pause of up to %v between requests, %d requests, %d rows, %d processes one after the other\n\n",
		r.lasted.Round(time.Second), r.options.clients, thinking, r.world.asked.Load(), r.rows, len(r.world.processes))
	out.WriteString("## Requirements\n\n| | Requirement | Found | Bound |\n|---|---|---|---|\n")
	for _, each := range r.requirements {
		fmt.Fprintf(&out, "| %s | %s | %s | %s |\n", strings.TrimSpace(each.String()[:4]), each.name, cell(each.found), each.bound)
	}
	r.writeActions(&out)
	r.writeSamples(&out)
	r.writeLog(&out)
	return out.String()
}

// cell keeps a table's row in one line.
func cell(text string) string {
	return strings.NewReplacer("\n", " ", "|", "\\|").Replace(text)
}

func (r *report) writeActions(out *strings.Builder) {
	out.WriteString("\n## What was done\n\n| Times | What |\n|---:|---|\n")
	for _, name := range slices.Sorted(maps.Keys(r.world.tally.done)) {
		fmt.Fprintf(out, "| %d | %s |\n", r.world.tally.done[name], name)
	}
}

func (r *report) writeSamples(out *strings.Builder) {
	out.WriteString("\n## Samples\n\nOf the process that served at that time. The heap includes what waits for the collector, and 16 MB of addresses that take no memory;\nthe measurements above are made at rest, after it has run.\n\n" +
		"| Time | Phase | Process | Requests | Resident | Heap | Goroutines | Files | In flight | Journal |\n|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|\n")
	for _, s := range r.world.samples {
		fmt.Fprintf(out, "| %s | %s | %d | %d | %s | %s | %.0f | %.0f | %.0f | %s |\n", s.at.Sub(r.begun).Round(time.Second), s.phase, s.process, s.asked,
			megabytes(s.resident), megabytes(s.heap), s.goroutines, s.files, s.open, megabytes(s.journal))
	}
}

// writeLog counts what the gateway complained of.
func (r *report) writeLog(out *strings.Builder) {
	out.WriteString("\n## The gateway's log\n\n| Times | Level | Line |\n|---:|---|---|\n")
	times := map[string]int{}
	for _, text := range r.world.grep("{") {
		var line struct{ Level, Msg string }
		if json.Unmarshal([]byte(text), &line) == nil {
			times[line.Level+" | "+cell(line.Msg)]++
		}
	}
	for _, line := range slices.Sorted(maps.Keys(times)) {
		fmt.Fprintf(out, "| %d | %s |\n", times[line], line)
	}
}

// version is what the gateway says it is.
func version(binary string) string {
	said, err := exec.Command(binary, "version").Output()
	if err != nil {
		return "tollgate, version unknown"
	}
	return strings.TrimSpace(string(said))
}
