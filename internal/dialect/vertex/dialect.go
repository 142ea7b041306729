// Package vertex is the wire format of Claude on Google Cloud's Agent Platform,
// once called Vertex AI (providers.md 3.1, 2026-11-23).
//
// It is the Messages API but for the envelope: the model and whether to stream
// stand in the path, and the version in the body. Answers have the form of the
// Messages API, streams included, and errors of the model its envelope.
package vertex

import (
	"encoding/json"
	"net/http"

	"tollgate"
	"tollgate/internal/dialect"
	"tollgate/internal/dialect/messages"
	"tollgate/internal/jsonedit"
)

// version is the cloud's own name for the plain one.
const version = "vertex-2023-10-16"

// Dialect is that of the Agent Platform.
type Dialect struct{}

// Name implements dialect.Dialect.
func (Dialect) Name() string { return dialect.Vertex }

// Address implements dialect.Dialect. The path goes behind
// …/publishers/anthropic.
func (Dialect) Address(call tollgate.Call, model string) dialect.Envelope {
	return dialect.Envelope{Path: path(call, model), Members: members(call, model), BetasInHeader: true}
}

func path(call tollgate.Call, model string) string {
	switch {
	case call.Operation == tollgate.CountTokens:
		return "/models/count-tokens:rawPredict"
	case call.Stream:
		return "/models/" + dialect.Segment(model) + ":streamRawPredict"
	}
	return "/models/" + dialect.Segment(model) + ":rawPredict"
}

// members are the envelope's. A client of this dialect has written them as they
// are to be, but for the model.
func members(call tollgate.Call, model string) []jsonedit.Setting {
	named := jsonedit.Setting{Name: "model"}
	if call.Operation == tollgate.CountTokens {
		named.Value = quote(model)
	}
	if call.Dialect == dialect.Vertex {
		return []jsonedit.Setting{named}
	}
	stream := jsonedit.Setting{Name: "stream"}
	if call.Stream && call.Operation == tollgate.Messages {
		stream.Value = []byte("true")
	}
	return []jsonedit.Setting{
		named, stream,
		{Name: "anthropic_version", Value: quote(dialect.Version(call.Version, version))},
		{Name: "anthropic_beta"},
	}
}

func quote(text string) []byte {
	quoted, _ := json.Marshal(text) // a string always marshals
	return quoted
}

// Decode implements dialect.Dialect.
func (Dialect) Decode(tollgate.Call, int, http.Header) dialect.Codec { return nil }

// Encode implements dialect.Dialect.
func (Dialect) Encode(tollgate.Call, int, http.Header) dialect.Codec { return nil }

// Fault implements dialect.Dialect with the envelope of the Messages API, in
// which the models' own errors come here too.
func (Dialect) Fault(header http.Header, fault dialect.Fault) []byte {
	return messages.Dialect{}.Fault(header, fault)
}
