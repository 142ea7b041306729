package messages

import (
	"encoding/json"
	"net/http"
	"strconv"

	"tollgate"
	"tollgate/internal/dialect"
	"tollgate/internal/jsonedit"
)

// Dialect is that of the Messages API itself, and of everybody who serves it
// under an address of his own.
type Dialect struct{}

// Name implements dialect.Dialect.
func (Dialect) Name() string { return dialect.Messages }

// paths are what is put behind the base address (providers.md 1.1, 2026-11-23).
var paths = map[tollgate.Operation]string{
	tollgate.Messages:    "/v1/messages",
	tollgate.CountTokens: "/v1/messages/count_tokens",
}

// Address implements dialect.Dialect.
func (Dialect) Address(call tollgate.Call, model string) dialect.Envelope {
	name, _ := json.Marshal(model) // a string always marshals
	members := []jsonedit.Setting{{Name: "model", Value: name}}
	if call.Dialect != dialect.Messages {
		stream := jsonedit.Setting{Name: "stream"}
		if call.Stream && call.Operation == tollgate.Messages {
			stream.Value = []byte(strconv.FormatBool(true))
		}
		members = append(members, stream, jsonedit.Setting{Name: "anthropic_version"}, jsonedit.Setting{Name: "anthropic_beta"})
	}
	return dialect.Envelope{
		Path: paths[call.Operation], Members: members,
		VersionInHeader: true, BetasInHeader: true,
	}
}

// Decode implements dialect.Dialect.
func (Dialect) Decode(tollgate.Call, int, http.Header) dialect.Codec { return nil }

// Encode implements dialect.Dialect.
func (Dialect) Encode(tollgate.Call, int, http.Header) dialect.Codec { return nil }

// Fault implements dialect.Dialect with the envelope of the Messages API
// (providers.md 1.5, 2026-11-23).
func (Dialect) Fault(header http.Header, fault dialect.Fault) []byte {
	header.Set("Content-Type", "application/json")
	type detail struct {
		Type    string          `json:"type"`
		Message string          `json:"message"`
		Details json.RawMessage `json:"details,omitempty"`
	}
	body, err := json.Marshal(struct {
		Type      string `json:"type"`
		Error     detail `json:"error"`
		RequestID string `json:"request_id"`
	}{"error", detail{fault.Type, fault.Message, fault.Details}, fault.RequestID})
	if err != nil {
		panic(err) // strings and valid JSON always marshal
	}
	return body
}
