package observe_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"tollgate"
	"tollgate/internal/gatewaytest"
	"tollgate/internal/observe"
	"tollgate/internal/secret"
	"tollgate/internal/upstream"
)

// log is a log that may be read while it is written.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// tracer traces everything to a collector at url, until the test ends.
func tracer(t testing.TB, url string) (*observe.Tracer, *log) {
	t.Helper()
	lines := new(log)
	made := observe.NewTracer(observe.TracerOptions{Version: "test", Scheme: "http", Now: time.Now, Log: slog.New(slog.NewTextHandler(lines, nil))})
	made.SetWaits(time.Millisecond, time.Minute)
	configure(made, observe.OTLP{Endpoint: url})
	t.Cleanup(func() { made.Stop(context.Background()) })
	return made, lines
}

func configure(t *observe.Tracer, o observe.OTLP) {
	if o.MaxPerSecond == 0 {
		o.MaxPerSecond = 1e6
	}
	t.Configure(observe.Telemetry{OTLP: &o}.WithDefaults(), []upstream.Config{{Name: "a", Provider: "anthropic", BaseURL: "https://api.anthropic.com"}})
}

// record ends n requests.
func record(t *observe.Tracer, n int) {
	for range n {
		t.Record(&tollgate.Exchange{
			ID: "req_1", Time: time.Now(), Operation: tollgate.Messages, Status: 200, Upstream: "a", Principal: tollgate.Principal{Key: "k"},
			Timing: tollgate.Timing{Waited: 1}, Trace: t.Join(nil),
		})
	}
}

// TestACollectorThatHangsHoldsUpNothing: while not one export is answered,
// more requests are recorded than there is room for. What has room is sent
// when the collector is back, and the rest is counted.
func TestACollectorThatHangsHoldsUpNothing(t *testing.T) {
	t.Parallel()
	back := make(chan struct{})
	collector := gatewaytest.NewCollector(t)
	collector.Answer = func(http.ResponseWriter, *http.Request) bool { <-back; return true }
	traced, lines := tracer(t, collector.URL)
	const surplus = 100
	record(traced, observe.QueueSize+observe.BatchSize+surplus)
	stats := traced.Stats()
	if stats.Sent != 0 || stats.Dropped < surplus || stats.Waiting > observe.QueueSize {
		t.Errorf("%+v", stats)
	}
	close(back)
	taken := observe.QueueSize + observe.BatchSize + surplus - int(stats.Dropped)
	spans := collector.Wait(t, 2*taken)
	traced.Stop(t.Context())
	if stats = traced.Stats(); stats.Sent != int64(taken) || stats.Failed != 0 || len(spans) != 2*taken {
		t.Errorf("%+v, and %d spans have arrived", stats, len(spans))
	}
	if got := strings.Count(lines.String(), "more requests are traced than the collector takes"); got != 1 {
		t.Errorf("%d lines about it:\n%s", got, lines)
	}
}

// TestADeadCollectorIsOneLine, whatever it dies of, and every request that has
// lost its spans is counted.
func TestADeadCollectorIsOneLine(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(nil)
	gone.Close()
	refusing, stalling := gatewaytest.NewCollector(t), gatewaytest.NewCollector(t)
	refusing.Answer = func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(500); return false }
	stalling.Answer = func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(503); return false }
	for name, url := range map[string]string{"gone": gone.URL, "refusing": refusing.URL, "stalling": stalling.URL} {
		t.Run(name, func(t *testing.T) {
			traced, lines := tracer(t, url)
			record(traced, 2*observe.BatchSize+1)
			traced.Stop(t.Context())
			if stats := traced.Stats(); stats.Failed != 2*observe.BatchSize+1 || stats.Sent+stats.Dropped != 0 {
				t.Errorf("%+v", stats)
			}
			if text := lines.String(); strings.Count(text, "\n") != 1 || !strings.Contains(text, "level=WARN") || !strings.Contains(text, "collector="+url) {
				t.Errorf("the log is\n%s", text)
			}
		})
	}
}

// TestACollectorMayTakeItLater: what a restart of the collector would lose is
// sent again, and no other refusal is argued with.
func TestACollectorMayTakeItLater(t *testing.T) {
	t.Parallel()
	for status, again := range map[int]bool{429: true, 502: true, 503: true, 504: true, 400: false, 401: false, 404: false, 500: false, 307: false} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			t.Parallel()
			collector := gatewaytest.NewCollector(t)
			exports := 0
			collector.Answer = func(w http.ResponseWriter, _ *http.Request) bool {
				if exports++; exports == 1 {
					w.Header().Set("Location", collector.URL+"/v1/traces")
					w.WriteHeader(status)
				}
				return exports > 1
			}
			traced, lines := tracer(t, collector.URL)
			record(traced, 1)
			<-collector.Arrived
			if again {
				collector.Wait(t, 2)
			}
			traced.Stop(t.Context())
			stats := traced.Stats()
			if want := map[bool]int64{true: 1}[again]; stats.Sent != want || stats.Failed != 1-want {
				t.Errorf("%+v", stats)
			}
			if recovered := strings.Contains(lines.String(), "takes spans again"); recovered != again {
				t.Errorf("the log is\n%s", lines)
			}
		})
	}
}

// TestACollectorMayThrowAway some of what it takes.
func TestACollectorMayThrowAway(t *testing.T) {
	t.Parallel()
	partial := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), 3)
	partial = protowire.AppendString(protowire.AppendTag(partial, 2, protowire.BytesType), "too long")
	answer := protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), partial)
	collector := gatewaytest.NewCollector(t)
	collector.Answer = func(w http.ResponseWriter, _ *http.Request) bool { _, _ = w.Write(answer); return true }
	traced, _ := tracer(t, collector.URL)
	record(traced, 5)
	traced.Stop(t.Context())
	if stats := traced.Stats(); stats.Sent != 5 || stats.Rejected != 3 {
		t.Errorf("%+v", stats)
	}
}

// TestAStopIsBounded: a collector that hangs is left when there is no more time.
func TestAStopIsBounded(t *testing.T) {
	t.Parallel()
	ended := make(chan struct{})
	collector := gatewaytest.NewCollector(t)
	collector.Answer = func(http.ResponseWriter, *http.Request) bool { <-ended; return false }
	defer close(ended)
	traced, _ := tracer(t, collector.URL)
	record(traced, observe.BatchSize+1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	traced.Stop(ctx)
	if stats := traced.Stats(); stats.Failed != observe.BatchSize+1 {
		t.Errorf("%+v", stats)
	}
	record(traced, 1) // which must do nothing, and not panic
}

// TestAStopEndsAPause: a collector that was to be tried again is not waited for.
func TestAStopEndsAPause(t *testing.T) {
	t.Parallel()
	collector := gatewaytest.NewCollector(t)
	collector.Answer = func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(503); return false }
	traced := observe.NewTracer(observe.TracerOptions{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	traced.SetWaits(time.Hour, time.Hour)
	configure(traced, observe.OTLP{Endpoint: collector.URL})
	record(traced, 1)
	<-collector.Arrived
	traced.Stop(t.Context())
	if stats := traced.Stats(); stats.Failed != 1 {
		t.Errorf("%+v", stats)
	}
}

// TestTheSameCollector keeps its queue when something else is configured anew.
func TestTheSameCollector(t *testing.T) {
	t.Parallel()
	busy, back := make(chan struct{}, 10), make(chan struct{})
	collector := gatewaytest.NewCollector(t)
	collector.Answer = func(http.ResponseWriter, *http.Request) bool { busy <- struct{}{}; <-back; return true }
	traced, _ := tracer(t, collector.URL)
	record(traced, observe.BatchSize)
	<-busy
	record(traced, 5)
	configure(traced, observe.OTLP{Endpoint: collector.URL, Sample: "0.5"})
	if stats := traced.Stats(); stats.Waiting != 5 {
		t.Errorf("%+v", stats)
	}
	close(back)
	collector.Wait(t, 2*(observe.BatchSize+5))
}

// TestAnotherCollector takes what ends from then on. The one before gets what
// had ended by then, and one that stays is not interrupted.
func TestAnotherCollector(t *testing.T) {
	t.Parallel()
	first, second := gatewaytest.NewCollector(t), gatewaytest.NewCollector(t)
	traced, _ := tracer(t, first.URL)
	record(traced, 3)
	configure(traced, observe.OTLP{Endpoint: first.URL, Sample: "0"})
	record(traced, 5)
	configure(traced, observe.OTLP{Endpoint: second.URL, Headers: map[string]secret.String{"authorization": secret.New("Bearer one")}})
	record(traced, 1)
	configure(traced, observe.OTLP{Endpoint: second.URL, Headers: map[string]secret.String{"authorization": secret.New("Bearer two")}})
	record(traced, 1)
	traced.Configure(observe.Telemetry{}, nil)
	record(traced, 7)
	traced.Stop(t.Context())
	if stats := traced.Stats(); stats.Sent != 5 || stats.Dropped+stats.Failed != 0 || len(first.Spans()) != 6 || len(second.Spans()) != 4 {
		t.Errorf("%+v, the first has %d and the second %d spans", stats, len(first.Spans()), len(second.Spans()))
	}
	_, headers := second.Raw()
	seen := map[string]bool{}
	for _, header := range headers {
		seen[header.Get("Authorization")] = true
	}
	if !seen["Bearer one"] || !seen["Bearer two"] {
		t.Errorf("%v", headers)
	}
}

// TestPromise8_WithoutACollector tracing costs no memory at all.
func TestPromise8_WithoutACollector(t *testing.T) {
	traced := observe.NewTracer(observe.TracerOptions{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	header := http.Header{"Traceparent": {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}}
	x := new(tollgate.Exchange)
	if allocated := testing.AllocsPerRun(100, func() {
		x.Trace = traced.Join(header)
		traced.Record(x)
	}); allocated != 0 {
		t.Errorf("%v allocations", allocated)
	}
}

// BenchmarkTrace is what tracing adds to a request, on its own goroutine; the
// exporter's work is in it too, on another.
func BenchmarkTrace(b *testing.B) {
	collector := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer collector.Close()
	joined := http.Header{"Traceparent": {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}}
	for name, c := range map[string]struct {
		otlp   *observe.OTLP
		header http.Header
	}{
		"off":       {nil, nil},
		"unsampled": {&observe.OTLP{Sample: "0"}, nil},
		"sampled":   {&observe.OTLP{}, nil},
		"joined":    {&observe.OTLP{}, joined},
		"limited":   {&observe.OTLP{MaxPerSecond: 1}, joined},
	} {
		b.Run(name, func(b *testing.B) {
			traced := observe.NewTracer(observe.TracerOptions{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
			if c.otlp != nil {
				c.otlp.Endpoint = collector.URL
				configure(traced, *c.otlp)
			}
			b.ReportAllocs()
			for b.Loop() {
				traced.Record(&tollgate.Exchange{Time: time.Now(), Operation: tollgate.Messages, Upstream: "a", Trace: traced.Join(c.header)})
			}
			b.StopTimer()
			traced.Stop(b.Context())
		})
	}
}
