package observe

import (
	"context"
	"net/http"
	"strings"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"tollgate"
)

// longestState is how much of a tracestate is kept, in bytes: what W3C Trace
// Context asks everybody to pass on at least (3.3.1.5, 2026-11-23). A longer
// one is left out whole.
const longestState = 512

// clientTrace reads where the client's own span stands. It is not valid when
// there is none, or one that cannot be read.
func clientTrace(header http.Header) trace.SpanContext {
	parent := header["Traceparent"]
	if len(parent) != 1 {
		return trace.SpanContext{}
	}
	carrier := propagation.MapCarrier{"traceparent": parent[0]}
	state := strings.Join(header["Tracestate"], ",")
	if len(state) <= longestState && !tollgate.HoldsKey(state) {
		carrier["tracestate"] = state
	}
	return trace.SpanContextFromContext(propagation.TraceContext{}.Extract(context.Background(), carrier))
}
