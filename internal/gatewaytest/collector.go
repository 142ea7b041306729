package gatewaytest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// Collector takes traces over OTLP and keeps them.
type Collector struct {
	URL     string
	Arrived chan struct{} // one for every export, once it has been answered
	// Answer, if set before the first export, answers in place of the
	// collector, and says whether the export is to be kept.
	Answer func(http.ResponseWriter, *http.Request) bool

	mu      sync.Mutex
	headers []http.Header
	raw     []byte
	all     []*tracepb.ResourceSpans
}

// NewCollector runs a collector until the test ends.
func NewCollector(t testing.TB) *Collector {
	c := &Collector{Arrived: make(chan struct{}, 1000)}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	c.URL = server.URL
	return c
}

func (c *Collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer func() { c.Arrived <- struct{}{} }()
	body, err := io.ReadAll(r.Body)
	var sent tracepb.TracesData
	if err == nil {
		err = proto.Unmarshal(body, &sent)
	}
	if err != nil || r.Method != http.MethodPost || r.URL.Path != "/v1/traces" || r.Header.Get("Content-Type") != "application/x-protobuf" {
		http.Error(w, "this is no export", http.StatusBadRequest)
		return
	}
	if c.Answer != nil && !c.Answer(w, r) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.headers, c.raw, c.all = append(c.headers, r.Header), append(c.raw, body...), append(c.all, sent.ResourceSpans...)
}

// Wait returns the spans that have arrived once there are n.
func (c *Collector) Wait(t testing.TB, n int) []*tracepb.Span {
	t.Helper()
	late := time.After(time.Minute)
	for {
		spans := c.Spans()
		if len(spans) >= n {
			return spans
		}
		select {
		case <-c.Arrived:
		case <-late:
			t.Fatalf("%d spans have arrived, want %d", len(spans), n)
		}
	}
}

// Spans are those that have arrived and been kept, in their order.
func (c *Collector) Spans() (spans []*tracepb.Span) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, resource := range c.all {
		for _, scope := range resource.ScopeSpans {
			spans = append(spans, scope.Spans...)
		}
	}
	return spans
}

// Raw is every byte that has arrived and been kept, and the headers of each
// export.
func (c *Collector) Raw() ([]byte, []http.Header) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.raw), slices.Clone(c.headers)
}

// Attributes are those of a span by their names, as plain Go values.
func Attributes(span *tracepb.Span) map[string]any {
	plain := map[string]any{}
	for _, attribute := range span.Attributes {
		plain[attribute.Key] = plainValue(attribute.Value)
	}
	return plain
}

func plainValue(value *commonpb.AnyValue) any {
	switch value := value.Value.(type) {
	case *commonpb.AnyValue_StringValue:
		return value.StringValue
	case *commonpb.AnyValue_IntValue:
		return value.IntValue
	case *commonpb.AnyValue_DoubleValue:
		return value.DoubleValue
	case *commonpb.AnyValue_BoolValue:
		return value.BoolValue
	case *commonpb.AnyValue_ArrayValue:
		var list []any
		for _, element := range value.ArrayValue.Values {
			list = append(list, plainValue(element))
		}
		return list
	}
	return nil
}
