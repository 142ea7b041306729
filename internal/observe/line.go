// Package observe tells operators what happens: for each request one wide log
// line, its metrics and, where a collector is configured, its spans. All are
// made from the same record as the ledger row, so that none can disagree with
// it. It never writes a body, a credential or a cause that a client chose the
// text of, and no request ever waits for whoever listens.
package observe

import (
	"context"
	"encoding/hex"
	"log/slog"
	"net/http"

	"tollgate"
)

// Request writes the line of one finished request: a warning when the answer
// failed or could only be estimated, plain information otherwise.
func Request(log *slog.Logger, x *tollgate.Exchange) {
	level := slog.LevelInfo
	if x.Status >= http.StatusInternalServerError || x.Error != "" || x.Estimated {
		level = slog.LevelWarn
	}
	if !log.Enabled(context.Background(), level) {
		return
	}
	attributes := make([]slog.Attr, 0, 40)
	attributes = append(attributes,
		slog.String("request", x.ID),
		slog.String("operation", string(x.Operation)),
		slog.Int("status", x.Status),
		slog.String("key", x.Key),
		slog.String("from", x.Address),
		slog.String("model", x.Model),
		slog.String("upstream", x.Upstream),
		slog.Int64("input_tokens", x.Usage.Input),
		slog.Int64("cache_write_tokens", x.Usage.CacheWrite5m+x.Usage.CacheWrite1h),
		slog.Int64("cache_read_tokens", x.Usage.CacheRead),
		slog.Int64("output_tokens", x.Usage.Output),
		slog.Int64("cost_nano_usd", int64(x.Cost)),
		slog.Float64("first_byte_ms", float64(x.FirstByte.Microseconds())/1000),
		slog.Float64("duration_ms", float64(x.Duration.Microseconds())/1000),
		slog.Int64("request_bytes", x.RequestBytes),
		slog.Int64("response_bytes", x.ResponseBytes),
	)
	attributes = appendTexts(attributes, x)
	attributes = appendCounts(attributes, x)
	attributes = appendTrace(attributes, x.Trace)
	log.LogAttrs(context.Background(), level, "request", attributes...)
}

// appendTexts leaves out what is empty.
func appendTexts(to []slog.Attr, x *tollgate.Exchange) []slog.Attr {
	for _, optional := range [...]slog.Attr{
		slog.String("developer", x.Developer),
		slog.String("service", x.Service),
		slog.String("team", x.Team),
		slog.String("session", x.Session),
		slog.String("agent", x.Agent),
		slog.String("request_class", x.RequestClass),
		slog.String("client", x.Client),
		slog.String("upstream_model", differing(x.UpstreamModel, x.Model)),
		slog.String("served_model", differing(x.ServedModel, x.Model)),
		slog.String("moved_from", x.MovedFrom),
		slog.String("stop_reason", x.StopReason),
		slog.String("upstream_request", x.UpstreamRequestID),
		slog.String("error", x.Error),
	} {
		if optional.Value.String() != "" {
			to = append(to, optional)
		}
	}
	return to
}

// appendCounts leaves out what is nought or not so.
func appendCounts(to []slog.Attr, x *tollgate.Exchange) []slog.Attr {
	for _, count := range [...]struct {
		name string
		n    int64
	}{{"web_searches", x.Usage.WebSearches}, {"moved_tokens", x.MovedTokens}, {"splices", int64(len(x.Splices))}, {"failed_attempts", int64(len(x.Failed))}} {
		if count.n != 0 {
			to = append(to, slog.Int64(count.name, count.n))
		}
	}
	for _, flag := range [...]struct {
		name string
		set  bool
	}{{"stream", x.Stream}, {"estimated", x.Estimated}, {"interrupted", x.Interrupted}} {
		if flag.set {
			to = append(to, slog.Bool(flag.name, true))
		}
	}
	return to
}

func appendTrace(to []slog.Attr, trace tollgate.Trace) []slog.Attr {
	if trace.ID != [16]byte{} {
		to = append(to, slog.String("trace_id", hex.EncodeToString(trace.ID[:])))
	}
	if trace.Recorded() {
		to = append(to, slog.String("span_id", hex.EncodeToString(trace.Span[:])))
	}
	return to
}

func differing(text, from string) string {
	if text == from {
		return ""
	}
	return text
}
