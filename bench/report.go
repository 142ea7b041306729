package main

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

// aim is what a figure should be at most.
type aim struct {
	most float64
	text string
}

var (
	aimRatio     = aim{1.3, "≤ 1.3 ×"}
	aimEvent     = aim{3, "≤ 3 µs"}
	aimFirstByte = aim{0.3, "≤ 0.3 ms added"}
	aimStream    = aim{90, "≤ 90 KB"}
	aimIdle      = aim{30, "≤ 30 MB"}
	aimStart     = aim{50, "≤ 50 ms"}
)

// of is the aim beside what came out.
func (a aim) of(value float64) string {
	if value <= a.most {
		return a.text + ", reached"
	}
	return a.text + ", **not reached**"
}

// report is the page of results.
func report(r results) []byte {
	var out bytes.Buffer
	heading(&out, r)
	reportCPU(&out, r)
	reportLatency(&out, r)
	reportMemory(&out, r)
	reportFirstByte(&out, r.first)
	reportSlow(&out, r.slow)
	reportStart(&out, r.start)
	return out.Bytes()
}

func heading(out *bytes.Buffer, r results) {
	fmt.Fprintf(out, `# Results

Written by %s on %s; do not edit. Every figure is the median of the turns with the smallest and
the largest in brackets, and every ratio is taken within one pair of turns.

| Machine | |
|---|---|
| Gateway | %s |
| Processor | %s, %d cores |
| Kernel | %s |
| Go | %s |
| Load | %d at a time, %d pairs of turns, the load generator and the sink on the same machine |

The reverse proxy is `+"`httputil.ReverseProxy`"+` in a process of its own (`+"`bench/proxy.go`"+`). The gateway runs with
everything on: key check, digests, price, a row in the ledger for each request (counted after every line) and its log.
Where an aim is not reached, `+"`bench/profile`"+` says where the time goes, in microseconds for each request (%s).

`, "`make bench`", time.Now().UTC().Format("2006-01-02"), r.version, processor(), runtime.NumCPU(), kernel(), runtime.Version(), concurrency, r.effort.pairs, "`make profile`")
}

func reportCPU(out *bytes.Buffer, r results) {
	out.WriteString("## CPU time for each request\n\nUser and system time of the process in the middle, with all it does behind the traffic.\n\n")
	table(out, "Body", "Reverse proxy, µs", "Gateway, µs", "Ratio", "Aim")
	for _, l := range r.lines {
		ratio := l.gateway.cpu.over(l.proxy.cpu)
		row(out, l.title(), l.proxy.cpu.text(0), l.gateway.cpu.text(0), ratio.text(2), aimRatio.of(ratio.median()))
	}
	for _, l := range r.lines {
		if l.events > 0 {
			event := l.gateway.cpu.each(1 / float64(l.events))
			row(out, "for each event of these", l.proxy.cpu.each(1/float64(l.events)).text(2), event.text(2), "", aimEvent.of(event.median()))
		}
	}
	out.WriteString("\n")
}

func reportLatency(out *bytes.Buffer, r results) {
	fmt.Fprintf(out, "## Time and rate under load\n\nWith %d requests on their way at any moment the machine is busy all the time, so that time here is mostly "+
		"the wait for a core: what is added to the direct path.\n\n", concurrency)
	table(out, "Body", "Through", "p50 added, ms", "p99 added, ms", "Requests/s")
	for _, l := range r.lines {
		row(out, l.title(), "nothing (direct)", "p50 is "+l.direct.p50.text(2), "p99 is "+l.direct.p99.text(2), l.direct.rate.text(0))
		for _, s := range []struct {
			name string
			side
		}{{"reverse proxy", l.proxy}, {"gateway", l.gateway}} {
			row(out, "", s.name, s.p50.minus(l.direct.p50).text(2), s.p99.minus(l.direct.p99).text(2), s.rate.text(0))
		}
	}
	out.WriteString("\n")
}

func reportMemory(out *bytes.Buffer, r results) {
	out.WriteString("## Resident memory, MB\n\nAfter the last turn, and the most at any moment, of processes that served this line only.\n\n")
	table(out, "Body", "Reverse proxy", "at most", "Gateway", "at most")
	for _, l := range r.lines {
		row(out, l.title(), megabytes(l.proxy.now), megabytes(l.proxy.peak), megabytes(l.gateway.now), megabytes(l.gateway.peak))
	}
	out.WriteString("\n")
}

func reportFirstByte(out *bytes.Buffer, r firstResult) {
	out.WriteString("## Time to the first byte, ms\n\nOf a streamed answer to 100 KB, one request at a time, the three asked in rotation.\n\n")
	table(out, "Through", "Median", "Added", "Aim")
	row(out, "nothing (direct)", r.direct.text(3), "", "")
	row(out, "reverse proxy", r.proxy.text(3), r.proxy.minus(r.direct).text(3), "")
	added := r.gateway.minus(r.direct)
	row(out, "gateway", r.gateway.text(3), added.text(3), aimFirstByte.of(added.median()))
	out.WriteString("\n")
}

func reportSlow(out *bytes.Buffer, r slowResult) {
	fmt.Fprintf(out, "## %d open streams, an event every %v each\n\nEach was asked for with a body of 100 KB. Fresh processes for every turn.\n\n", r.streams, slowPace)
	table(out, "", "Reverse proxy", "Gateway", "Ratio", "Aim")
	row(out, "memory for each stream, KB", r.proxy.memory.text(0), r.gateway.memory.text(0), r.gateway.memory.over(r.proxy.memory).text(2),
		aimStream.of(r.gateway.memory.median()))
	row(out, "CPU for each event, µs", r.proxy.cpu.text(0), r.gateway.cpu.text(0), r.gateway.cpu.over(r.proxy.cpu).text(2), "")
	out.WriteString("\n")
}

func reportStart(out *bytes.Buffer, r startResult) {
	if len(r.served) == 0 {
		return
	}
	out.WriteString("## Start and rest\n\n")
	table(out, "", "Gateway", "Reverse proxy", "Aim")
	row(out, "to healthy, with a new database, ms", r.fresh.text(0), "", "")
	row(out, "to healthy, ms", r.healthy.text(0), "", "")
	row(out, "to the first 200 on /v1/messages, ms", r.served.text(0), "", aimStart.of(r.served.median()))
	row(out, "resident after one request, MB", r.idle.text(1), r.proxy.text(1), aimIdle.of(r.idle.median()))
}

// text is the median with the extremes in brackets.
func (s sample) text(decimals int) string {
	if len(s) == 1 {
		return fmt.Sprintf("%.*f", decimals, s[0])
	}
	return fmt.Sprintf("%.*f (%.*f–%.*f)", decimals, s.median(), decimals, s.min(), decimals, s.max())
}

// each multiplies every turn's figure.
func (s sample) each(factor float64) sample {
	return combine(s, s, func(a, _ float64) float64 { return a * factor })
}

func (l line) title() string {
	if l.events > 0 {
		return fmt.Sprintf("stream of %d events in a burst", l.events)
	}
	return l.name
}

func table(out *bytes.Buffer, columns ...string) {
	row(out, columns...)
	out.WriteString(strings.Repeat("|---", len(columns)) + "|\n")
}

func row(out *bytes.Buffer, cells ...string) {
	out.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}

func megabytes(n int64) string { return fmt.Sprintf("%.0f", float64(n)/(1<<20)) }

func processor() string {
	info, _ := os.ReadFile("/proc/cpuinfo")
	_, rest, _ := strings.Cut(string(info), "model name")
	name, _, _ := strings.Cut(strings.TrimLeft(rest, "\t :"), "\n")
	if name == "" {
		return runtime.GOARCH
	}
	return name
}

func kernel() string {
	release, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	return "Linux " + strings.TrimSpace(string(release))
}
