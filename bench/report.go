package main

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// aim is what a figure should be at most.
type aim struct {
	most float64
	text string
}

var (
	aimRatio   = aim{1.3, "≤ 1.3 ×"}
	aimCloud   = aim{1.6, "≤ 1.6 ×"} // where requests are signed and answers decoded
	aimEvent   = aim{3, "≤ 3 µs"}
	aimMedian  = aim{0.3, "≤ 0.3 ms added"}
	aimTail    = aim{2, "≤ 2 ms added"}
	aimStream  = aim{90, "≤ 90 KB"}
	aimStreams = aim{180, "≤ 180 MB"}
	aimLost    = aim{0, "none"}
	aimIdle    = aim{30, "≤ 30 MB"}
	aimStart   = aim{50, "≤ 50 ms"}
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
	if len(r.lines) > 0 {
		reportCPU(&out, r)
		reportLatency(&out, r)
		reportMemory(&out, r)
	}
	reportCalm(&out, r.calm)
	reportSlow(&out, r.slow)
	reportFull(&out, r.full)
	reportStart(&out, r.start)
	reportGates(&out, r.gates)
	reportAudit(&out, r.audit)
	return out.Bytes()
}

func heading(out *bytes.Buffer, r results) {
	fmt.Fprintf(out, `# Results

Written by %s on %s; do not edit. Every figure is the median of the turns with the smallest and
the largest in brackets, and every ratio is taken within one round of turns.

| Machine | |
|---|---|
| Gateway | %s |
| nginx | %s |
| Processor | %s, %d cores |
| Kernel | %s |
| Go | %s |
| Load | %d at a time, %d rounds of turns, the load generator and the sink on the same machine |

The reverse proxy is `+"`httputil.ReverseProxy`"+` in a process of its own (`+"`bench/proxy.go`"+`), and nginx is set up as it is put in
front of a streaming API (`+"`bench/nginx.go`"+`). The gateway runs with everything on: key check, digests, price, a row in the
ledger for each request (counted after every line), the journal with its fsync, its log, and metrics that are read
once a second. Where an aim is not reached, `+"`bench/profile`"+` says where
the time goes, in microseconds for each request (%s).

`, "`make bench`", time.Now().UTC().Format("2006-01-02"), r.version, cmp.Or(r.nginx, "**not installed: not measured**"),
		processor(), runtime.NumCPU(), kernel(), runtime.Version(), concurrency, r.effort.pairs, "`make profile`")
}

func reportCPU(out *bytes.Buffer, r results) {
	out.WriteString("## CPU time for each request\n\nUser and system time of the process in the middle, with all it does behind the traffic. " +
		"The aim is for the ratio of the gateway to the reverse proxy.\n\n")
	table(out, "Body", "Through", "µs", "Ratio to the reverse proxy", "Aim")
	for _, l := range r.lines {
		title := l.title()
		for _, s := range l.sides[1:] {
			ratio := s.cpu.over(l.of(proxyName).cpu)
			row(out, title, s.name, s.cpu.text(0), ratio.text(2), aimOf(s.name, l.aim(), ratio))
			title = ""
		}
		if l.events > 0 {
			event := l.of(gatewayName).cpu.each(1 / float64(l.events))
			row(out, "for each event of these", gatewayName, event.text(2), "", aimEvent.of(event.median()))
		}
	}
	out.WriteString("\n")
}

// aimOf is the aim beside the figure if it is the gateway's.
func aimOf(name string, a aim, figure sample) string {
	if name != gatewayName {
		return ""
	}
	return a.of(figure.median())
}

func reportLatency(out *bytes.Buffer, r results) {
	fmt.Fprintf(out, "## Time and rate under load\n\nWith %d requests on their way at any moment the machine is busy all the time, so that time here is mostly "+
		"the wait for a core: what is added to the direct path.\n\n", concurrency)
	table(out, "Body", "Through", "p50 added, ms", "p99 added, ms", "Requests/s")
	for _, l := range r.lines {
		direct := l.of(directName)
		row(out, l.title(), direct.name, "p50 is "+direct.p50.text(2), "p99 is "+direct.p99.text(2), direct.rate.text(0))
		for _, s := range l.sides[1:] {
			row(out, "", s.name, s.p50.minus(direct.p50).text(2), s.p99.minus(direct.p99).text(2), s.rate.text(0))
		}
	}
	out.WriteString("\n")
}

func reportMemory(out *bytes.Buffer, r results) {
	out.WriteString("## Resident memory, MB\n\nAfter the last turn, and the most at any moment, of processes that served this line only.\n\n")
	table(out, "Body", "Through", "at the end", "at most")
	for _, l := range r.lines {
		title := l.title()
		for _, s := range l.sides[1:] {
			row(out, title, s.name, megabytes(s.now), megabytes(s.peak))
			title = ""
		}
	}
	out.WriteString("\n")
}

func reportCalm(out *bytes.Buffer, all []calmResult) {
	if len(all) == 0 {
		return
	}
	fmt.Fprintf(out, "## Time below saturation, ms\n\n%d clients ask all in rotation for a short streamed answer, with up to %v between two requests; the sink thinks for %v. "+
		"What is added to the direct path, to the first byte and to the last.\n\n", calmClients, calmThought, calmThink)
	table(out, "Body", "Through", "First byte, p50", "p99", "Whole answer, p50", "p99", "Aim for p50", "Aim for p99")
	for _, r := range all {
		direct := r.sides[0]
		row(out, fmt.Sprintf("%d KB", r.size>>10), direct.name, "is "+direct.first50.text(2), "is "+direct.first99.text(2),
			"is "+direct.last50.text(2), "is "+direct.last99.text(2), "", "")
		for _, s := range r.sides[1:] {
			p50, p99 := s.last50.minus(direct.last50), s.last99.minus(direct.last99)
			row(out, "", s.name, s.first50.minus(direct.first50).text(2), s.first99.minus(direct.first99).text(2),
				p50.text(2), p99.text(2), aimOf(s.name, aimMedian, p50), aimOf(s.name, aimTail, p99))
		}
	}
	out.WriteString("\n")
}

func reportSlow(out *bytes.Buffer, r slowResult) {
	if len(r.sides) == 0 {
		return
	}
	fmt.Fprintf(out, "## %d open streams, an event every %v each\n\nEach was asked for with a body of 100 KB. Fresh processes for every turn. "+
		"A short request is made %d times while the streams are open; the sink thinks for %v before it answers.\n\n", r.streams, slowPace, slowAsks, calmThink)
	table(out, "Through", "Memory, MB", "Aim", "for each stream, KB", "Aim", "CPU for each event, µs", "A short request takes, ms: p50", "p99")
	for _, s := range r.sides {
		total := ""
		if r.streams == manyStreams {
			total = aimOf(s.name, aimStreams, s.total)
		}
		row(out, s.name, s.total.text(0), total, s.memory.text(0), aimOf(s.name, aimStream, s.memory), s.cpu.text(0), s.p50.text(2), s.p99.text(2))
	}
	out.WriteString("\n")
}

func reportFull(out *bytes.Buffer, r fullResult) {
	if r.counted == 0 {
		return
	}
	out.WriteString("## Nothing is lost when the machine has no time left\n\nEvery core is kept busy beside the load; the gateway is stopped as soon as the last answer is there, and started again.\n\n")
	table(out, "Processor", "Requests, by the sink", "Rows in the ledger", "Lost", "Aim")
	lost := r.counted - r.stored
	row(out, fmt.Sprintf("%.0f %%", 100*r.busy), strconv.Itoa(r.counted), strconv.Itoa(r.stored), strconv.Itoa(lost), aimLost.of(math.Abs(float64(lost))))
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
	if len(s) == 0 {
		return "–"
	}
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
	if l.events > 0 && l.model == model {
		return fmt.Sprintf("stream of %d events in a burst", l.events)
	}
	return l.name
}

func (l line) aim() aim {
	if l.model != model {
		return aimCloud
	}
	return aimRatio
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
