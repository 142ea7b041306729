package observe

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"

	"tollgate"
	"tollgate/internal/upstream"
)

// projector makes the spans of an exchange: one for the request as a server
// has it, and under it one for each try at an upstream. It says nothing that
// the ledger row does not say, or that the row would contradict.
type projector struct {
	scheme string
	places map[string]place // by the upstream's name
}

// place is what a span says of an upstream.
type place struct {
	provider string
	host     string
	port     int64
}

// providerNames are the well-known values of gen_ai.provider.name. A provider
// that is not among them goes by the name it has in the configuration.
var providerNames = map[string]string{
	"anthropic":     "anthropic",
	"anthropic-aws": "anthropic",
	"bedrock":       "aws.bedrock",
	"foundry":       "azure.ai.inference",
	"vertex":        "gcp.vertex_ai",
}

func placesOf(upstreams []upstream.Config) map[string]place {
	places := make(map[string]place, len(upstreams))
	for _, each := range upstreams {
		at := place{provider: each.Provider}
		if name, known := providerNames[each.Provider]; known {
			at.provider = name
		}
		if base, err := url.Parse(each.BaseURL); err == nil {
			at.host, at.port = base.Hostname(), portOf(base)
		}
		places[each.Name] = at
	}
	return places
}

func portOf(base *url.URL) int64 {
	port, _ := strconv.ParseInt(base.Port(), 10, 32)
	switch {
	case port > 0:
		return port
	case base.Scheme == "https":
		return 443
	}
	return 80
}

// paths are what the client asked for.
var paths = map[tollgate.Operation]string{
	tollgate.Messages:    "/v1/messages",
	tollgate.CountTokens: "/v1/messages/count_tokens",
}

// operations are the values of gen_ai.operation.name. Counting tokens has no
// well-known one.
var operations = map[tollgate.Operation]string{
	tollgate.Messages:    "chat",
	tollgate.CountTokens: "count_tokens",
}

// spans is the projection of an exchange whose trace is recorded.
func (p projector) spans(x *tollgate.Exchange) []*tracepb.Span {
	spans := make([]*tracepb.Span, 0, 2+len(x.Failed))
	spans = append(spans, p.server(x))
	for i, failed := range x.Failed {
		span := p.client(x, i, failed.Upstream, failed.Model)
		span.EndTimeUnixNano = nano(x, failed.Ended)
		fail(span, failed.Why)
		spans = append(spans, span)
	}
	sent := x.Timing.Waited > 0 // else the gateway itself refused it at the last moment
	told := slices.ContainsFunc(x.Failed, func(a tollgate.Attempt) bool { return a.Upstream == x.Upstream })
	if sent && !told {
		spans = append(spans, p.answered(x))
	}
	return spans
}

// server is the span of the whole request.
func (p projector) server(x *tollgate.Exchange) *tracepb.Span {
	span := begin(x, 0, "POST "+paths[x.Operation], tracepb.Span_SPAN_KIND_SERVER)
	span.SpanId = x.Trace.Span[:]
	if x.Trace.Parent != [8]byte{} {
		span.ParentSpanId = x.Trace.Parent[:]
		span.Flags |= flagRemote
	}
	span.EndTimeUnixNano = nano(x, x.Duration)
	span.Attributes = p.ofRequest(x)
	switch {
	case x.Status >= http.StatusInternalServerError, x.Status < http.StatusBadRequest && x.Error != "":
		fail(span, cmp.Or(x.Error, strconv.Itoa(x.Status)))
	case x.Error != "": // what the client did wrong is no error of this server's
		note(span, x.Error)
	}
	return span
}

func (p projector) ofRequest(x *tollgate.Exchange) []*commonpb.KeyValue {
	var about attributes
	about.text(requestMethod, http.MethodPost)
	about.text(httpRoute, paths[x.Operation])
	about.text(urlPath, paths[x.Operation])
	about.text(urlScheme, p.scheme)
	about.text(userAgent, x.Client)
	about.number(responseCode, int64(x.Status))
	about.text(genAIRequestModel, x.Model)
	about.text(ownRequest, x.ID)
	about.text(ownKey, x.Key)
	about.text(ownService, x.Service)
	about.text(ownTeam, x.Team)
	about.text(ownSession, x.Session)
	about.text(ownAgent, x.Agent)
	about.text(ownRequestClass, x.RequestClass)
	about.text(ownUpstream, x.Upstream)
	about.number(ownCost, int64(x.Cost))
	about.flag(ownEstimated, x.Estimated)
	about.flag(ownInterrupted, x.Interrupted)
	return about
}

// client is the span of one try, after this many failed ones, as far as it is
// known before it ends.
func (p projector) client(x *tollgate.Exchange, failed int, upstream, model string) *tracepb.Span {
	span := begin(x, x.AttemptBegan(failed), operations[x.Operation]+" "+model, tracepb.Span_SPAN_KIND_CLIENT)
	id := newSpanID()
	span.SpanId, span.ParentSpanId = id[:], x.Trace.Span[:]
	var about attributes
	at := p.places[upstream]
	about.text(genAIOperation, operations[x.Operation])
	about.text(genAIProvider, at.provider)
	about.text(genAIRequestModel, model)
	about.flag(genAIRequestStream, x.Stream)
	about.text(genAIConversation, x.Session)
	about.text(ownUpstream, upstream)
	about.text(serverAddress, at.host)
	if at.host != "" {
		about.number(serverPort, at.port)
	}
	span.Attributes = about
	return span
}

// answered is the span of the try that lasted to the end of the exchange. It
// carries the whole usage of the row, so that a sum over spans is the ledger's.
func (p projector) answered(x *tollgate.Exchange) *tracepb.Span {
	span := p.client(x, len(x.Failed), x.Upstream, x.UpstreamModel)
	span.EndTimeUnixNano = nano(x, x.Duration)
	about := attributes(span.Attributes)
	if x.Timing.Answered > 0 {
		about.number(responseCode, int64(x.Status))
	}
	about.text(genAIResponseModel, x.ServedModel)
	about.text(ownUpstreamRequest, x.UpstreamRequestID)
	if x.Stream && x.FirstByte > 0 {
		about.seconds(genAIFirstChunk, (x.FirstByte - x.AttemptBegan(len(x.Failed))).Seconds())
	}
	if x.Operation == tollgate.Messages {
		about.usage(x)
	}
	span.Attributes = about
	if x.Error != "" {
		fail(span, x.Error)
	}
	return span
}

// usage counts cached tokens as input too, as the conventions want it.
func (a *attributes) usage(x *tollgate.Exchange) {
	switch {
	case x.StopReason != "":
		a.texts(genAIFinishReasons, x.StopReason)
	case x.Error != "":
		a.texts(genAIFinishReasons, "error")
	}
	a.number(genAIInputTokens, x.Usage.Prompt())
	a.number(genAICacheReadTokens, x.Usage.CacheRead)
	a.number(genAICacheWrite, x.Usage.CacheWrite5m+x.Usage.CacheWrite1h)
	a.number(genAIOutputTokens, x.Usage.Output)
	if x.Thought > 0 {
		a.number(genAIReasoningTokens, x.Thought)
	}
}

// The upper flags of a span say whether its parent is in another process, and
// that this is known (opentelemetry-proto, trace.proto, SpanFlags, 2026-11-23).
const (
	flagSampled       = 1
	flagRemoteIsKnown = 1 << 8
	flagRemote        = 1 << 9
)

func begin(x *tollgate.Exchange, since time.Duration, name string, kind tracepb.Span_SpanKind) *tracepb.Span {
	return &tracepb.Span{
		TraceId:           x.Trace.ID[:],
		TraceState:        x.Trace.State,
		Flags:             flagSampled | flagRemoteIsKnown,
		Name:              name,
		Kind:              kind,
		StartTimeUnixNano: nano(x, since),
	}
}

func nano(x *tollgate.Exchange, since time.Duration) uint64 {
	return uint64(x.Time.Add(since).UnixNano())
}

// fail marks a span as failed.
func fail(span *tracepb.Span, why string) {
	span.Status = &tracepb.Status{Code: tracepb.Status_STATUS_CODE_ERROR}
	note(span, why)
}

// note says what went wrong, in the ledger's words.
func note(span *tracepb.Span, why string) {
	about := attributes(span.Attributes)
	about.text(errorType, why)
	span.Attributes = about
}
