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
}

// errorBody is the provider's error envelope.
type errorBody struct {
	Type      string     `json:"type"`
	Error     ErrorValue `json:"error"`
	RequestID string     `json:"request_id,omitempty"`
}

// error answers with the envelope of this status.
func (v *visit) error(status int, message string) {
	v.json(status, errorBody{
		Type:      "error",
		Error:     ErrorValue{Type: errorType(status), Message: message},
		RequestID: v.Header().Get("Request-Id"),
	})
}

// json answers with one JSON value.
func (v *visit) json(status int, value any) {
	body := mustJSON(value)
	v.Header().Set("Content-Type", "application/json")
	v.Header().Set("Content-Length", strconv.Itoa(len(body)))
	v.WriteHeader(status)
	_, err := v.Write(body)
	v.complete = err == nil
}

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
