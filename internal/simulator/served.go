package simulator

import (
	"fmt"
	"strings"
	"time"
)

// Served tells of one request that has been answered. It holds neither texts
// nor credentials.
type Served struct {
	At         time.Time
	Method     string
	Path       string
	Provider   Provider
	Model      string
	Stream     bool
	Status     int
	StopReason string
	Input      int64 // tokens of the prompt, cached or not
	Output     int64
	Bytes      int64 // of the answer's body
	Duration   time.Duration
	Rule       string // the rule that was played; empty when it behaved
	Canceled   bool   // the caller hung up before the end
}

func (v *visit) report(now time.Time, canceled bool) Served {
	report := v.served
	report.At, report.Duration = v.start, now.Sub(v.start)
	report.Method, report.Path = v.request.Method, v.path
	report.Provider = v.face.name
	report.Status, report.Bytes, report.Canceled = v.status, v.written, canceled
	return report
}

// String is one line for people.
func (s Served) String() string {
	var line strings.Builder
	fmt.Fprintf(&line, "%s %s %s %d", s.At.Format(time.TimeOnly), s.Method, s.Path, s.Status)
	if s.Model != "" {
		fmt.Fprintf(&line, "  %s", s.Model)
	}
	if s.Stream {
		line.WriteString(" streamed")
	}
	if s.Input > 0 || s.Output > 0 {
		fmt.Fprintf(&line, "  %d in, %d out", s.Input, s.Output)
	}
	if s.StopReason != "" {
		fmt.Fprintf(&line, "  %s", s.StopReason)
	}
	fmt.Fprintf(&line, "  %s", s.Duration.Round(time.Millisecond))
	if s.Rule != "" {
		fmt.Fprintf(&line, "  played %s", s.Rule)
	}
	if s.Canceled {
		line.WriteString("  the caller hung up")
	}
	return line.String()
}
