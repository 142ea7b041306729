package observe

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tollgate"
)

func line(t *testing.T, x *tollgate.Exchange, level slog.Level) map[string]any {
	t.Helper()
	var out bytes.Buffer
	Request(slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: level})), x)
	if out.Len() == 0 {
		return nil
	}
	var got map[string]any
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatalf("%v: %s", err, out.String())
	}
	return got
}

func TestRequestIsOneLine(t *testing.T) {
	x := &tollgate.Exchange{
		ID: "req_1", Operation: tollgate.Messages, Status: 200, Model: "claude-opus-5-5", ServedModel: "claude-opus-5-5", Upstream: "anthropic",
		Principal: tollgate.Principal{Key: "k1", Developer: "ann@example.com"}, Address: "192.0.2.1",
		Usage: tollgate.Usage{Tokens: tollgate.Tokens{Input: 1, CacheWrite5m: 2, CacheWrite1h: 3, CacheRead: 4, Output: 5}},
		Cost:  6, FirstByte: 1500 * time.Microsecond, Duration: 2 * time.Millisecond, RequestBytes: 7, ResponseBytes: 8,
	}
	got := line(t, x, slog.LevelInfo)
	for name, want := range map[string]any{
		"level": "INFO", "msg": "request", "request": "req_1", "status": 200.0, "key": "k1", "from": "192.0.2.1", "developer": "ann@example.com",
		"input_tokens": 1.0, "cache_write_tokens": 5.0, "cache_read_tokens": 4.0, "output_tokens": 5.0, "cost_nano_usd": 6.0,
		"first_byte_ms": 1.5, "duration_ms": 2.0, "request_bytes": 7.0, "response_bytes": 8.0,
	} {
		if got[name] != want {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
	for _, absent := range []string{"service", "team", "served_model", "error", "estimated"} {
		if value, there := got[absent]; there {
			t.Errorf("%s does not apply and is %v", absent, value)
		}
	}
}

func TestWhatNeedsALookIsAWarning(t *testing.T) {
	for name, x := range map[string]*tollgate.Exchange{
		"failed":       {Status: 529},
		"went wrong":   {Status: 200, Error: "upstream_cut"},
		"an estimate":  {Status: 200, Estimated: true},
		"other served": {Status: 200, Estimated: true, Model: "a", ServedModel: "b"},
	} {
		if got := line(t, x, slog.LevelInfo); got["level"] != "WARN" {
			t.Errorf("%s: %v", name, got)
		}
	}
	if got := line(t, &tollgate.Exchange{Status: 200}, slog.LevelWarn); got != nil {
		t.Errorf("written below the level: %v", got)
	}
}

// full is an exchange in which everything is set, and nothing is like anything
// else.
func full() *tollgate.Exchange {
	return &tollgate.Exchange{
		ID: "req_1", Principal: tollgate.Principal{Key: "k", Developer: "d", Service: "s", Team: "t"}, Address: "192.0.2.1",
		Session: "session", Agent: "agent", RequestClass: "class", Client: "client",
		Operation: tollgate.Messages, Model: "m", Upstream: "u", UpstreamModel: "um", ServedModel: "sm",
		Status: 200, Stream: true, Usage: tollgate.Usage{Tokens: tollgate.Tokens{Input: 1, CacheWrite5m: 2, CacheWrite1h: 3, CacheRead: 4, Output: 5}, WebSearches: 6},
		Cost: 7, Estimated: true, Interrupted: true, FirstByte: time.Second, Duration: time.Minute,
		StopReason: "stop", UpstreamRequestID: "ur", RequestBytes: 8, ResponseBytes: 9, Splices: []string{"a", "b"}, Error: "e",
		MovedFrom: "other", MovedTokens: 10,
		Failed: make([]tollgate.Attempt, 3),
		Trace:  tollgate.Trace{ID: [16]byte{0xab}, Span: [8]byte{0xcd}, Parent: [8]byte{0xef}},
	}
}

func TestALineHasWhatApplies(t *testing.T) {
	got := line(t, full(), slog.LevelInfo)
	for name, want := range map[string]any{
		"service": "s", "team": "t", "session": "session", "agent": "agent", "request_class": "class", "client": "client",
		"upstream_model": "um", "served_model": "sm", "moved_from": "other", "moved_tokens": 10.0, "stop_reason": "stop", "upstream_request": "ur", "error": "e",
		"web_searches": 6.0, "splices": 2.0, "failed_attempts": 3.0, "stream": true, "estimated": true, "interrupted": true,
		"trace_id": "ab000000000000000000000000000000", "span_id": "cd00000000000000",
	} {
		if got[name] != want {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
}

// TestTheGuideListsTheLinesMembers: those of a full line, and no others; and of
// them first those that an empty one has too.
func TestTheGuideListsTheLinesMembers(t *testing.T) {
	guide, err := os.ReadFile("../../docs/operating.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(guide), "The line of a request")
	section, _, _ = strings.Cut(section, "`error` in a row")
	always, optional, found := strings.Cut(section, "where they apply")
	if !found {
		t.Fatal("the guide has no tables of the line's members")
	}
	empty, all := line(t, &tollgate.Exchange{}, slog.LevelInfo), line(t, full(), slog.LevelInfo)
	for _, of := range []map[string]any{empty, all} {
		for _, name := range []string{slog.TimeKey, slog.LevelKey, slog.MessageKey} {
			delete(of, name)
		}
	}
	maps.DeleteFunc(all, func(name string, _ any) bool { _, there := empty[name]; return there })
	for _, table := range []struct {
		name, text string
		want       map[string]any
	}{{"first", always, empty}, {"second", optional, all}} {
		var listed []string
		for _, row := range regexp.MustCompile("(?m)^\\| (`.*?`) \\|").FindAllStringSubmatch(table.text, -1) {
			for _, name := range regexp.MustCompile("`(\\w+)`").FindAllStringSubmatch(row[1], -1) {
				listed = append(listed, name[1])
			}
		}
		slices.Sort(listed)
		if want := slices.Sorted(maps.Keys(table.want)); !slices.Equal(listed, want) {
			t.Errorf("the guide's %s table has\n%v, the line has\n%v", table.name, listed, want)
		}
	}
}
