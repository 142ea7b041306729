package simulator

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
)

// errorTypes is the error type each status is usually spoken with.
// Source: providers.md 1.5, 2026-11-23.
var errorTypes = map[int]string{
	http.StatusBadRequest:            "invalid_request_error",
	http.StatusUnauthorized:          "authentication_error",
	http.StatusPaymentRequired:       "billing_error",
	http.StatusForbidden:             "permission_error",
	http.StatusNotFound:              "not_found_error",
	http.StatusConflict:              "conflict_error",
	http.StatusRequestEntityTooLarge: "request_too_large",
	http.StatusTooManyRequests:       "rate_limit_error",
	http.StatusGatewayTimeout:        "timeout_error",
	529:                              "overloaded_error",
}

// errorType is the error type for a status; what has no line of its own is
// the provider's own fault or the request's.
func errorType(status int) string {
	if known, ok := errorTypes[status]; ok {
		return known
	}
	if status >= 500 {
		return "api_error"
	}
	return "invalid_request_error"
}

// ErrorValue is what the envelope says went wrong. Details is passed on as
// the script wrote it.
type ErrorValue struct {
	Type    string         `json:"type" yaml:"type"`
	Message string         `json:"message" yaml:"message"`
	Details map[string]any `json:"details,omitempty" yaml:"details"`

	// Platform has a cloud say it in its own form where the model would have
	// said it in that of the Messages API.
	Platform bool `json:"-" yaml:"platform"`
}

// errorBody is the provider's error envelope.
type errorBody struct {
	Type      string     `json:"type"`
	Error     ErrorValue `json:"error"`
	RequestID string     `json:"request_id,omitempty"`
}

// json answers with one JSON value.
func (v *visit) json(status int, value any) {
	v.Header().Set("Content-Type", "application/json")
	v.send(status, mustJSON(value))
}

// send answers with a whole body.
func (v *visit) send(status int, body []byte) {
	v.Header().Set("Content-Length", strconv.Itoa(len(body)))
	v.WriteHeader(status)
	_, err := v.Write(body)
	v.complete = err == nil
}

// requestID is the name of this answer.
func (v *visit) requestID() string { return v.Header().Get("Request-Id") }

// mustJSON encodes a value of this package's own making. Angle brackets stay
// as they are, as the provider leaves them.
func mustJSON(value any) []byte {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}
