package observe

import (
	"bytes"
	"encoding/json"
	"log/slog"
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
