package observe

import (
	"strings"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
)

// The names of attributes. Those of HTTP, servers and errors are stable:
// OpenTelemetry semantic conventions 1.44, docs/http/http-spans.md. Those of
// generative AI are in development and have moved to a repository of their own:
// open-telemetry/semantic-conventions-genai, docs/gen-ai/client-inference.md.
// There gen_ai.usage.input_tokens includes cached tokens, and cache_write has
// replaced cache_creation (its pull request 440). All as of 2026-11-23.
const (
	serviceName       = "service.name"
	serviceVersion    = "service.version"
	serviceInstanceID = "service.instance.id"
	hostName          = "host.name"

	requestMethod = "http.request.method"
	responseCode  = "http.response.status_code"
	httpRoute     = "http.route"
	urlPath       = "url.path"
	urlScheme     = "url.scheme"
	userAgent     = "user_agent.original"
	serverAddress = "server.address"
	serverPort    = "server.port"
	errorType     = "error.type"

	genAIOperation       = "gen_ai.operation.name"
	genAIProvider        = "gen_ai.provider.name"
	genAIConversation    = "gen_ai.conversation.id"
	genAIRequestModel    = "gen_ai.request.model"
	genAIRequestStream   = "gen_ai.request.stream"
	genAIResponseModel   = "gen_ai.response.model"
	genAIFinishReasons   = "gen_ai.response.finish_reasons"
	genAIFirstChunk      = "gen_ai.response.time_to_first_chunk" // seconds
	genAIInputTokens     = "gen_ai.usage.input_tokens"
	genAICacheReadTokens = "gen_ai.usage.cache_read.input_tokens"
	genAICacheWrite      = "gen_ai.usage.cache_write.input_tokens"
	genAIOutputTokens    = "gen_ai.usage.output_tokens"
	genAIReasoningTokens = "gen_ai.usage.reasoning.output_tokens"

	ownRequest         = "tollgate.request"
	ownKey             = "tollgate.key"
	ownService         = "tollgate.service"
	ownTeam            = "tollgate.team"
	ownSession         = "tollgate.session"
	ownAgent           = "tollgate.agent"
	ownRequestClass    = "tollgate.request_class"
	ownUpstream        = "tollgate.upstream"
	ownUpstreamRequest = "tollgate.upstream_request"
	ownCost            = "tollgate.cost_nano_usd"
	ownEstimated       = "tollgate.estimated"
	ownInterrupted     = "tollgate.interrupted"
)

// attributes is a list that leaves out what does not apply.
type attributes []*commonpb.KeyValue

// text leaves out what is empty, and bytes that are not UTF-8.
func (a *attributes) text(key, value string) {
	if value != "" {
		a.add(key, textValue(value))
	}
}

func (a *attributes) texts(key string, values ...string) {
	list := &commonpb.ArrayValue{}
	for _, value := range values {
		list.Values = append(list.Values, textValue(value))
	}
	a.add(key, &commonpb.AnyValue{Value: &commonpb.AnyValue_ArrayValue{ArrayValue: list}})
}

func (a *attributes) number(key string, value int64) {
	a.add(key, &commonpb.AnyValue{Value: &commonpb.AnyValue_IntValue{IntValue: value}})
}

func (a *attributes) seconds(key string, value float64) {
	a.add(key, &commonpb.AnyValue{Value: &commonpb.AnyValue_DoubleValue{DoubleValue: value}})
}

// flag leaves out what is not so.
func (a *attributes) flag(key string, value bool) {
	if value {
		a.add(key, &commonpb.AnyValue{Value: &commonpb.AnyValue_BoolValue{BoolValue: true}})
	}
}

func (a *attributes) add(key string, value *commonpb.AnyValue) {
	*a = append(*a, &commonpb.KeyValue{Key: key, Value: value})
}

func textValue(text string) *commonpb.AnyValue {
	return &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: strings.ToValidUTF8(text, "")}}
}
