package app_test

import (
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"

	"tollgate"
	"tollgate/internal/gatewaytest"
)

// What a client sends that records a trace of its own.
const (
	traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	traceID     = "0af7651916cd43dd8448eb211c80319c"
	parentSpan  = "b7ad6b7169203331"
)

func tracedBy(collector *gatewaytest.Collector) string {
	return fmt.Sprintf("telemetry: {otlp: {endpoint: %q}}\n", collector.URL)
}

// cachedAnswer has every class of token in it.
const cachedAnswer = `{"type":"message","model":"claude-opus-5-5-20261001","content":[{"type":"text","text":"bodycanary-answer"}],"stop_reason":"max_tokens",` +
	`"usage":{"input_tokens":10,"cache_creation_input_tokens":50,"cache_creation":{"ephemeral_5m_input_tokens":20,"ephemeral_1h_input_tokens":30},"cache_read_input_tokens":40,"output_tokens":7}}`

// TestSpansAgreeWithTheLedger, attribute by attribute, in the client's trace;
// and the log line names it.
func TestSpansAgreeWithTheLedger(t *testing.T) {
	t.Parallel()
	collector := gatewaytest.NewCollector(t)
	arrived := make(chan http.Header, 1)
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived <- r.Header
		w.Header().Set("Request-Id", "req_upstream_1")
		fmt.Fprint(w, cachedAnswer)
	}))
	defer provider.Close()
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: provider.URL, Config: tracedBy(collector)})
	request := gateway.Request(t, "/v1/messages", askWhole)
	for name, value := range map[string]string{
		"traceparent": traceparent, "tracestate": "vendor=1", "user-agent": "claude-cli/2.1",
		"x-claude-code-session-id": "session-1", "x-claude-code-agent-id": "agent-1", "x-claude-code-request-class": "main",
	} {
		request.Header.Set(name, value)
	}
	if status, text := gatewaytest.Do(t, request); status != http.StatusOK {
		t.Fatal(status, text)
	}
	if sent := <-arrived; sent.Get("Traceparent") != traceparent || sent.Get("Tracestate") != "vendor=1" {
		t.Errorf("the provider got %q, %q", sent.Get("Traceparent"), sent.Get("Tracestate"))
	}
	row := gateway.WaitRows(t, 1)[0]
	spans := collector.Wait(t, 2)
	server, client := spans[0], spans[1]
	compareSpan(t, server, tracepb.Span_SPAN_KIND_SERVER, "POST /v1/messages", map[string]any{
		"http.request.method": "POST", "http.route": "/v1/messages", "url.path": "/v1/messages", "url.scheme": "http",
		"http.response.status_code": int64(row.Status), "user_agent.original": row.Client, "gen_ai.request.model": row.Model,
		"tollgate.request": row.ID, "tollgate.key": row.Key, "tollgate.team": row.Team, "tollgate.session": row.Session, "tollgate.agent": row.Agent,
		"tollgate.request_class": row.RequestClass, "tollgate.upstream": row.Upstream, "tollgate.cost_nano_usd": int64(row.Cost),
	})
	host, port, _ := strings.Cut(strings.TrimPrefix(provider.URL, "http://"), ":")
	compareSpan(t, client, tracepb.Span_SPAN_KIND_CLIENT, "chat "+row.UpstreamModel, map[string]any{
		"gen_ai.operation.name": "chat", "gen_ai.provider.name": "anthropic", "gen_ai.request.model": row.UpstreamModel, "gen_ai.conversation.id": row.Session,
		"gen_ai.response.model": row.ServedModel, "gen_ai.response.finish_reasons": []any{row.StopReason},
		"gen_ai.usage.input_tokens": row.Usage.Prompt(), "gen_ai.usage.cache_read.input_tokens": row.Usage.CacheRead,
		"gen_ai.usage.cache_write.input_tokens": row.Usage.CacheWrite5m + row.Usage.CacheWrite1h, "gen_ai.usage.output_tokens": row.Usage.Output,
		"server.address": host, "server.port": port, "http.response.status_code": int64(row.Status),
		"tollgate.upstream": row.Upstream, "tollgate.upstream_request": row.UpstreamRequestID,
	})
	if row.Usage.Prompt() != 100 || row.Usage.Output != 7 || row.Cost == 0 {
		t.Errorf("the row itself is wrong: %+v", row)
	}
	inTime(t, row, server, client)
	if hex.EncodeToString(server.TraceId) != traceID || hex.EncodeToString(server.ParentSpanId) != parentSpan || server.TraceState != "vendor=1" || server.Flags != 0x301 {
		t.Errorf("the request is not in its client's trace: %v", server)
	}
	if hex.EncodeToString(client.TraceId) != traceID || !slices.Equal(client.ParentSpanId, server.SpanId) || client.Flags != 0x101 {
		t.Errorf("the try is not under its request: %v", client)
	}
	if log := gateway.Log(); !strings.Contains(log, "trace_id="+traceID) || !strings.Contains(log, "span_id="+hex.EncodeToString(server.SpanId)) {
		t.Errorf("the log line does not name the trace:\n%s", log)
	}
}

// compareSpan wants these attributes and no others. Numbers may be written as
// texts in what is wanted.
func compareSpan(t *testing.T, span *tracepb.Span, kind tracepb.Span_SpanKind, name string, want map[string]any) {
	t.Helper()
	if span.Kind != kind || span.Name != name {
		t.Errorf("%v %q, want %v %q", span.Kind, span.Name, kind, name)
	}
	got := gatewaytest.Attributes(span)
	for key := range maps.Keys(want) {
		if fmt.Sprint(got[key]) != fmt.Sprint(want[key]) {
			t.Errorf("%s: %s is %v, want %v", name, key, got[key], want[key])
		}
	}
	for key, value := range got {
		if _, wanted := want[key]; !wanted {
			t.Errorf("%s: %s is %v, and nobody wants it", name, key, value)
		}
	}
}

// inTime: the request's span lasts as long as its row says, and the try lies
// within. The ledger keeps microseconds.
func inTime(t *testing.T, row *tollgate.Exchange, server, client *tracepb.Span) {
	t.Helper()
	const micro = 1000
	began, lasted := server.StartTimeUnixNano, server.EndTimeUnixNano-server.StartTimeUnixNano
	if began/micro != uint64(row.Time.UnixMicro()) || lasted/micro != uint64(row.Duration.Microseconds()) {
		t.Errorf("the span begins at %d and lasts %d, the row at %d and %d", began/micro, lasted/micro, row.Time.UnixMicro(), row.Duration.Microseconds())
	}
	if client.StartTimeUnixNano <= began || client.StartTimeUnixNano > client.EndTimeUnixNano || client.EndTimeUnixNano != server.EndTimeUnixNano {
		t.Errorf("the try is from %d to %d, its request from %d to %d", client.StartTimeUnixNano, client.EndTimeUnixNano, began, server.EndTimeUnixNano)
	}
}

// TestHowARequestEnds is said by its spans.
func TestHowARequestEnds(t *testing.T) {
	t.Parallel()
	collector := gatewaytest.NewCollector(t)
	gone := httptest.NewServer(nil)
	gone.Close()
	p := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Header.Get("X-Mode") {
		case "overloaded":
			w.WriteHeader(529)
			fmt.Fprint(w, `{"type":"error","error":{"type":"overloaded_error","message":"bodycanary"}}`)
		case "cut":
			w.Header().Set("Content-Type", "text/event-stream")
			fmt.Fprint(w, eventStart)
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		case "stream":
			w.Header().Set("Content-Type", "text/event-stream")
			fmt.Fprint(w, eventStart, eventEnd)
		default:
			fmt.Fprint(w, `{"input_tokens":3}`)
		}
	}))
	defer p.Close()
	options := gatewaytest.Options{Models: []string{"claude-opus-*"}, Config: tracedBy(collector) + fmt.Sprintf(`
upstreams:
  - {name: gone, provider: anthropic, base_url: %q, api_key: k}
  - {name: there, provider: anthropic, base_url: %q, api_key: k}
routes:
  - {models: ["claude-opus-*"], upstreams: [gone, there]}
  - {models: ["claude-haiku-*"], upstreams: [gone]}
`, gone.URL, p.URL)}
	const ok, failed = tracepb.Status_STATUS_CODE_UNSET, tracepb.Status_STATUS_CODE_ERROR
	type ended struct {
		name    string
		code    tracepb.Status_StatusCode
		errType any
		finish  string
	}
	all := 0
	for _, c := range []struct {
		mode, path, body string
		want             []ended
	}{
		{"stream", "/v1/messages", askStream, []ended{
			{"POST /v1/messages", ok, nil, ""}, {"chat claude-opus-5-5", failed, "not_sent", ""}, {"chat claude-opus-5-5", ok, nil, "[end_turn]"},
		}},
		{"overloaded", "/v1/messages", askWhole, []ended{
			{"POST /v1/messages", failed, "overloaded_error", ""}, {"chat claude-opus-5-5", failed, "not_sent", ""}, {"chat claude-opus-5-5", failed, "overloaded_error", "[error]"},
		}},
		{"cut", "/v1/messages", askStream, []ended{
			{"POST /v1/messages", failed, "upstream_cut", ""}, {"chat claude-opus-5-5", failed, "not_sent", ""}, {"chat claude-opus-5-5", failed, "upstream_cut", "[error]"},
		}},
		{"", "/v1/messages/count_tokens", askWhole, []ended{
			{"POST /v1/messages/count_tokens", ok, nil, ""}, {"count_tokens claude-opus-5-5", failed, "not_sent", ""}, {"count_tokens claude-opus-5-5", ok, nil, ""},
		}},
		{"", "/v1/messages", `{"model":"claude-haiku-5-5"}`, []ended{{"POST /v1/messages", ok, "permission_error", ""}}},
		{"", "/v1/messages", `{`, []ended{{"POST /v1/messages", ok, "invalid_request_error", ""}}},
	} {
		gateway := gatewaytest.Start(t, options) // in which nobody rests
		request := gateway.Request(t, c.path, c.body)
		request.Header.Set("X-Mode", c.mode)
		if response, err := http.DefaultClient.Do(request); err == nil {
			_, _ = io.ReadAll(response.Body) // which may be cut
			response.Body.Close()
		}
		spans := collector.Wait(t, all+len(c.want))[all:]
		all += len(spans)
		if len(spans) != len(c.want) {
			t.Fatalf("%s %s: %d spans, want %d", c.mode, c.path, len(spans), len(c.want))
		}
		for i, span := range spans {
			if i > 1 && span.StartTimeUnixNano != spans[i-1].EndTimeUnixNano || span.EndTimeUnixNano <= span.StartTimeUnixNano || span.EndTimeUnixNano > spans[0].EndTimeUnixNano {
				t.Errorf("%s %s: %q is from %d to %d, and something lies between", c.mode, c.path, span.Name, span.StartTimeUnixNano, span.EndTimeUnixNano)
			}
			about, finish := gatewaytest.Attributes(span), ""
			if reasons := about["gen_ai.response.finish_reasons"]; reasons != nil {
				finish = fmt.Sprint(reasons)
			}
			if got := (ended{span.Name, span.GetStatus().GetCode(), about["error.type"], finish}); got != c.want[i] {
				t.Errorf("%s %s: %+v, want %+v", c.mode, c.path, got, c.want[i])
			}
			if _, told := about["gen_ai.response.time_to_first_chunk"]; told != (i == 2 && c.body == askStream) {
				t.Errorf("%s %s: %v", c.mode, c.path, about)
			}
		}
		gateway.WaitRows(t, 1)
	}
}

// TestPromise8_NoRequestWaitsForACollector: every request is answered, and
// stored, while the collector has not answered a single export.
func TestPromise8_NoRequestWaitsForACollector(t *testing.T) {
	t.Parallel()
	ended := make(chan struct{})
	collector := gatewaytest.NewCollector(t)
	collector.Answer = func(http.ResponseWriter, *http.Request) bool { <-ended; return true }
	p := newProvider(t)
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: p.URL, Config: tracedBy(collector)})
	for range 50 {
		if status, text := gateway.Ask(t, askWhole); status != http.StatusOK || text != answer {
			t.Fatal(status, text)
		}
	}
	gateway.WaitRows(t, 50)
	if spans := collector.Spans(); len(spans) != 0 {
		t.Errorf("%d spans have arrived", len(spans))
	}
	close(ended)
	if spans := collector.Wait(t, 100); len(spans) != 100 {
		t.Errorf("%d spans have arrived", len(spans))
	}
}

// TestAReloadBeginsAndEndsTracing, and the operator is not told to restart.
func TestAReloadBeginsAndEndsTracing(t *testing.T) {
	t.Parallel()
	collector := gatewaytest.NewCollector(t)
	p := newProvider(t)
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: p.URL})
	for i, telemetry := range []string{"", tracedBy(collector), ""} {
		if err := gateway.Reload(t, gatewaytest.Options{Upstream: p.URL, Config: telemetry}); err != nil {
			t.Fatal(err)
		}
		gateway.Ask(t, askWhole)
		gateway.WaitRows(t, i+1)
	}
	collector.Wait(t, 2)
	gateway.Stop(t)
	if spans := collector.Spans(); len(spans) != 2 {
		t.Errorf("%d spans have arrived, want those of one request", len(spans))
	}
	if strings.Contains(gateway.Log(), "after a restart") {
		t.Error(gateway.Log())
	}
}

// TestPromise6_TracesHoldNoSecret: no credential, no word of a body, no
// address and no name of a person, wherever a client puts one.
func TestPromise6_TracesHoldNoSecret(t *testing.T) {
	t.Parallel()
	const collectorKey = "collectorcanary-0123456789"
	collector := gatewaytest.NewCollector(t)
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Mode") == "fail" {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprintf(w, `{"type":"error","error":{"type":"bodycanary %s","message":"bodycanary"}}`, r.Header.Get("X-Api-Key"))
			return
		}
		fmt.Fprint(w, cachedAnswer)
	}))
	defer provider.Close()
	gateway := gatewaytest.Start(t, gatewaytest.Options{
		Upstream: provider.URL,
		Config:   fmt.Sprintf("telemetry: {otlp: {endpoint: %q, headers: {x-collector-key: %s}}}\n", collector.URL, collectorKey),
	})
	for _, mode := range []string{"", "fail"} {
		request := gateway.Request(t, "/v1/messages?q=bodycanary", `{"model":"claude-opus-5-5","messages":[{"role":"user","content":"bodycanary"}],"metadata":{"user_id":"bodycanary"}}`)
		for _, name := range []string{"User-Agent", "X-Claude-Code-Session-Id", "X-Claude-Code-Agent-Id", "X-Claude-Code-Request-Class"} {
			request.Header.Set(name, "it is "+gateway.Key)
		}
		request.Header.Set("X-Mode", mode)
		request.Header.Set("Traceparent", traceparent)
		request.Header.Set("Tracestate", "key="+gateway.Key)
		request.Header.Set("X-Forwarded-For", "203.0.113.77")
		gatewaytest.Do(t, request)
	}
	collector.Wait(t, 4)
	raw, headers := collector.Raw()
	for _, canary := range []string{gateway.Key, gateway.Key[len("tgk_")+13:], gatewaytest.ProviderKey, "bodycanary", collectorKey, "ann@example.com", "203.0.113.77", "127.0.0.1:"} {
		if strings.Contains(string(raw), canary) {
			t.Errorf("%q is in what the collector gets", canary)
		}
	}
	if !strings.Contains(string(raw), "claude-opus-5-5") || headers[0].Get("X-Collector-Key") != collectorKey {
		t.Error("the collector did not get what it should")
	}
	if strings.Contains(gateway.Log(), collectorKey) {
		t.Error("the log has the collector's credential")
	}
}
