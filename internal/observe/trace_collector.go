package observe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"time"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"tollgate"
)

// collector is the far end of an exporter: OTLP over HTTP with a binary body
// (opentelemetry-proto, docs/specification.md, 2026-11-23).
type collector struct {
	url      string
	headers  http.Header
	client   *http.Client
	resource *resourcepb.Resource
	scope    *commonpb.InstrumentationScope
}

const (
	tracesPath  = "/v1/traces"
	postBound   = 10 * time.Second // for one export; the specification's default
	answerBound = 64 << 10         // of an answer, in bytes
)

func newCollector(c *OTLP, version string) collector {
	headers := http.Header{}
	for name, value := range c.Headers {
		headers.Set(name, value.Reveal())
	}
	headers.Set("Content-Type", "application/x-protobuf")
	headers.Set("User-Agent", "tollgate/"+version)
	return collector{
		url:     tracesURL(c.Endpoint),
		headers: headers,
		client: &http.Client{
			Timeout:       postBound,
			Transport:     &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, IdleConnTimeout: 90 * time.Second},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // it would carry the headers elsewhere
		},
		resource: &resourcepb.Resource{Attributes: resourceOf(version)},
		scope:    &commonpb.InstrumentationScope{Name: "tollgate", Version: version},
	}
}

func tracesURL(endpoint string) string {
	at, err := url.Parse(endpoint)
	if err != nil {
		return endpoint // which no request can be made of, as post will say
	}
	return at.JoinPath(tracesPath).String()
}

// resourceOf says who sends: the same for every span of the process.
func resourceOf(version string) []*commonpb.KeyValue {
	var about attributes
	about.text(serviceName, "tollgate")
	about.text(serviceVersion, version)
	about.text(serviceInstanceID, tollgate.NewRequestID(time.Now())[len("req_"):])
	host, _ := os.Hostname()
	about.text(hostName, host)
	return about
}

// encode writes the body of one export: TracesData, which has the same wire
// form as ExportTraceServiceRequest.
func (c *collector) encode(batch []finished) []byte {
	var spans []*tracepb.Span
	for _, x := range batch {
		spans = append(spans, x.projector.spans(x.Exchange)...)
	}
	body, _ := proto.Marshal(&tracepb.TracesData{ResourceSpans: []*tracepb.ResourceSpans{{
		Resource:   c.resource,
		ScopeSpans: []*tracepb.ScopeSpans{{Scope: c.scope, Spans: spans}},
	}}}) // fails for text that is not UTF-8, which attributes does not take
	return body
}

// post makes one export. rejected is how many spans the collector took and
// threw away.
func (c *collector) post(ctx context.Context, body []byte) (rejected int64, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	request.Header = c.headers
	response, err := c.client.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, answerBound))
	switch {
	case response.StatusCode/100 != 2:
		return 0, refusal{response.StatusCode, retryAfterOf(response.Header)}
	case err != nil:
		return 0, err
	}
	return rejectedSpans(answer), nil
}

func (c *collector) close() { c.client.CloseIdleConnections() }

// refusal is an answer that says no.
type refusal struct {
	status int
	after  time.Duration // to wait; 0 when it does not say
}

func (r refusal) Error() string { return fmt.Sprintf("it answered with status %d", r.status) }

// longestAfter bounds how long a collector may ask to be left alone.
const longestAfter = time.Minute

func retryAfterOf(header http.Header) time.Duration {
	seconds, _ := strconv.ParseInt(header.Get("Retry-After"), 10, 32) // a date, or nonsense, is no wish
	return min(max(0, time.Duration(seconds)*time.Second), longestAfter)
}

func retryAfter(err error) time.Duration {
	refused, _ := errors.AsType[refusal](err)
	return refused.after
}

// mayTakeLater says whether the same spans may be sent again: after a failure
// of the network, and after the four statuses that the specification names.
func mayTakeLater(err error) bool {
	refused, answered := errors.AsType[refusal](err)
	if !answered {
		return true
	}
	switch refused.status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// rejectedSpans finds partial_success.rejected_spans in an
// ExportTraceServiceResponse: field 1, and in it field 1. What is no such
// message rejects nothing.
func rejectedSpans(answer []byte) int64 {
	partial, kind := wireField(answer, 1)
	if kind != protowire.BytesType {
		return 0
	}
	inside, n := protowire.ConsumeBytes(partial)
	if n < 0 {
		return 0
	}
	count, kind := wireField(inside, 1)
	if kind != protowire.VarintType {
		return 0
	}
	rejected, n := protowire.ConsumeVarint(count)
	return max(0, int64(rejected)) * int64(min(1, max(0, n)))
}

// wireField finds the first field of this number, or an invalid type.
func wireField(message []byte, number protowire.Number) (value []byte, kind protowire.Type) {
	for len(message) > 0 {
		found, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return nil, -1
		}
		if found == number {
			return message[n:], kind
		}
		skipped := protowire.ConsumeFieldValue(found, kind, message[n:])
		if skipped < 0 {
			return nil, -1
		}
		message = message[n+skipped:]
	}
	return nil, -1
}
