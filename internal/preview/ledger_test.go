package preview_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tollgate"
	"tollgate/internal/preview"
	"tollgate/internal/store"
)

// berlin is where the days of these tests begin.
var berlin = func() *time.Location {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	return zone
}()

const layout = "2006-01-02 15:04:05"

func at(t testing.TB, text string) time.Time {
	t.Helper()
	moment, err := time.ParseInLocation(layout, text, berlin)
	must(t, err)
	return moment
}

// people are the callers of these tests.
var people = map[string]tollgate.Principal{
	"ann":   {Key: "annannannann", Developer: "ann@example.com", Team: "core"},
	"ann2":  {Key: "annannannan2", Developer: "ann@example.com", Team: "core"},
	"bob":   {Key: "bobbobbobbob", Developer: "bob@example.com", Team: "core"},
	"cleo":  {Key: "cleocleocleo", Developer: "cleo@example.com", Team: "data"},
	"build": {Key: "buildbuildbu", Service: "build", Team: "data"},
}

// newLedger has the requests that the text has line by line: when, who, the
// model, the cost, how long it took, and what else there is to it.
func newLedger(t testing.TB, text string) *preview.Ledger {
	t.Helper()
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), store.File))
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	var rows []*tollgate.Exchange
	for line := range strings.Lines(text) {
		if fields := strings.Fields(line); len(fields) > 0 {
			rows = append(rows, exchange(t, fields))
		}
	}
	must(t, s.Append(t.Context(), rows))
	return &preview.Ledger{Store: s, Zone: berlin}
}

func exchange(t testing.TB, fields []string) *tollgate.Exchange {
	t.Helper()
	who, known := people[fields[2]]
	cost, err := tollgate.ParseMoney(fields[4])
	must(t, err)
	took, err := time.ParseDuration(fields[5])
	must(t, err)
	if !known {
		t.Fatalf("nobody is called %q", fields[2])
	}
	arrival := at(t, fields[0]+" "+fields[1]).UTC()
	x := &tollgate.Exchange{
		ID: tollgate.NewRequestID(arrival), Time: arrival, Principal: who, Operation: tollgate.Messages, Model: "claude-" + fields[3],
		Upstream: "anthropic", Status: http.StatusOK, Cost: cost, Duration: took,
	}
	for _, word := range fields[6:] {
		qualify(t, x, word)
	}
	return x
}

// qualify says what is not as usual with a request.
func qualify(t testing.TB, x *tollgate.Exchange, word string) {
	t.Helper()
	name, value, _ := strings.Cut(word, "=")
	number, _ := strconv.ParseInt(value, 10, 64)
	switch name {
	case "count":
		x.Operation = tollgate.CountTokens
	case "refused":
		x.Upstream, x.Status, x.Error = "", http.StatusTooManyRequests, "billing_error"
	case "unrouted":
		x.Upstream, x.Status, x.Error = "", http.StatusNotFound, "not_found_error"
	case "failed":
		x.Status, x.Error = http.StatusInternalServerError, "api_error"
	case "in":
		x.Usage.Input = number
	case "written":
		x.Usage.CacheWrite1h = number
	case "read":
		x.Usage.CacheRead = number
	case "out":
		x.Usage.Output = number
	default:
		t.Fatalf("%q says nothing about a request", word)
	}
}

// told is a preview as these tests write it.
func told(p tollgate.Preview) string {
	lines := []string{fmt.Sprintf("%d of %d, %s", p.Refused, p.Requests, p.Saved)}
	for _, r := range p.Refusals {
		lines = append(lines, fmt.Sprintf("%s: %d of %d, %s to %s, days: %d",
			r.Whom, r.Refused, r.Requests, r.First.In(berlin).Format(layout), r.Last.In(berlin).Format(layout), r.Days))
	}
	return strings.Join(lines, "\n")
}

// check compares a preview with what was expected of it: every line, and notes
// that hold these parts, one each.
func check(t *testing.T, p tollgate.Preview, want string, notes []string) {
	t.Helper()
	var lines []string
	for line := range strings.Lines(want) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	if want = strings.Join(lines, "\n"); told(p) != want {
		t.Errorf("the preview is\n%s\nwant\n%s", told(p), want)
	}
	fits := slices.EqualFunc(p.Notes, notes, strings.Contains)
	if !fits {
		t.Errorf("the notes are\n%s\nand should hold\n%s", strings.Join(p.Notes, "\n"), strings.Join(notes, "\n"))
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
