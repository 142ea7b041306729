// Package bedrock is the wire format of Claude on Amazon Bedrock's runtime, the
// API of InvokeModel (providers.md 2.1 to 2.6, 2026-11-23).
//
// It differs from the Messages API in its envelope: the model and whether to
// stream stand in the path, version and betas in the body. Its streams come in
// the frames of AWS, and each frame that carries an event holds the very JSON
// that the Messages API would send; that JSON is passed on as it is. It does not
// speak Bedrock's Converse.
package bedrock

import (
	"mime"
	"net/http"

	"tollgate"
	"tollgate/internal/dialect"
	"tollgate/internal/dialect/messages"
	"tollgate/internal/jsonedit"
)

// The types of streams.
const (
	frames = "application/vnd.amazon.eventstream"
	events = "text/event-stream"
)

// Dialect is that of Bedrock's runtime.
type Dialect struct{}

// Name implements dialect.Dialect.
func (Dialect) Name() string { return dialect.Bedrock }

// Decode implements dialect.Dialect.
func (Dialect) Decode(call tollgate.Call, status int, header http.Header) dialect.Codec {
	switch {
	case status != http.StatusOK:
		return nil
	case call.Operation == tollgate.CountTokens:
		return &count{from: "inputTokens", to: "input_tokens"}
	case mediaType(header) == frames:
		header.Set("Content-Type", events)
		return newDecoder()
	}
	return nil
}

// Encode implements dialect.Dialect.
func (Dialect) Encode(call tollgate.Call, status int, header http.Header) dialect.Codec {
	switch {
	case status != http.StatusOK:
		return nil
	case call.Operation == tollgate.CountTokens:
		return &count{from: "input_tokens", to: "inputTokens"}
	case mediaType(header) == events:
		header.Set("Content-Type", frames)
		header.Set("X-Amzn-Bedrock-Content-Type", "application/json")
		return newEncoder()
	}
	return nil
}

func mediaType(header http.Header) string {
	kind, _, _ := mime.ParseMediaType(header.Get("Content-Type")) // empty for one that cannot be read
	return kind
}

// errorTypes are the names of Bedrock's errors (providers.md 2.5, 2026-11-23),
// and what comes nearest for the statuses that it does not have.
var errorTypes = map[int]string{
	http.StatusUnauthorized:          "AccessDeniedException",
	http.StatusForbidden:             "AccessDeniedException",
	http.StatusNotFound:              "ResourceNotFoundException",
	http.StatusRequestTimeout:        "ModelTimeoutException",
	http.StatusFailedDependency:      "ModelErrorException",
	http.StatusTooManyRequests:       "ThrottlingException",
	http.StatusServiceUnavailable:    "ServiceUnavailableException",
	529:                              "ServiceUnavailableException",
	http.StatusGatewayTimeout:        "ModelTimeoutException",
	http.StatusRequestEntityTooLarge: "ValidationException",
}

// Fault implements dialect.Dialect. The sentence stands twice in it: where the
// AWS SDKs read it, and in the envelope of the Messages API, where Claude Code
// does.
func (Dialect) Fault(header http.Header, fault dialect.Fault) []byte {
	body := messages.Dialect{}.Fault(header, fault)
	header.Set("X-Amzn-Errortype", errorType(fault.Status))
	if fault.RequestID != "" {
		header.Set("X-Amzn-Requestid", fault.RequestID)
	}
	edits := jsonedit.Edit(body)
	edits.Set(0, body, jsonedit.Setting{Name: "message", Value: quote(fault.Message)})
	return edits.Bytes()
}

func errorType(status int) string {
	switch named, ok := errorTypes[status]; {
	case ok:
		return named
	case status < http.StatusInternalServerError:
		return "ValidationException"
	}
	return "InternalServerException"
}
