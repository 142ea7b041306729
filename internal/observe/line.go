// Package observe tells operators what happens: one wide log line a request,
// made from the same record as the ledger row, so that the two cannot
// disagree. It never writes a body, a credential or a cause that a client
// chose the text of.
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
	attributes := make([]slog.Attr, 0, 32)
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
	for _, optional := range [...]slog.Attr{
		slog.String("developer", x.Developer),
		slog.String("service", x.Service),
		slog.String("team", x.Team),
		slog.String("session", x.Session),
		slog.String("agent", x.Agent),
		slog.String("served_model", differing(x.ServedModel, x.Model)),
		slog.String("stop_reason", x.StopReason),
		slog.String("upstream_request", x.UpstreamRequestID),
		slog.String("error", x.Error),
	} {
		if optional.Value.String() != "" {
			attributes = append(attributes, optional)
		}
	}
	if x.Trace.ID != [16]byte{} {
		attributes = append(attributes, slog.String("trace_id", hex.EncodeToString(x.Trace.ID[:])))
	}
	if x.Trace.Recorded() {
		attributes = append(attributes, slog.String("span_id", hex.EncodeToString(x.Trace.Span[:])))
	}
	if x.Estimated {
		attributes = append(attributes, slog.Bool("estimated", true))
	}
	log.LogAttrs(context.Background(), level, "request", attributes...)
}

func differing(text, from string) string {
	if text == from {
		return ""
	}
	return text
}
