package messages

import (
	"encoding/json"
	"math"
	"net/http"
	"strconv"

	"tollgate"
)

// Refuse speaks err to the client in the Anthropic envelope
// (providers.md 1.5, 2026-11-23). Only the message reaches the client, never
// the cause. Nothing must have been written to w before.
//
// x-should-retry: false keeps Claude Code from asking eleven times over three
// minutes for an answer that cannot change (client-behaviour.md 2).
func Refuse(w http.ResponseWriter, requestID string, err *tollgate.Error) {
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Request-Id", requestID)
	if err.Kind.Final() {
		header.Set("X-Should-Retry", "false")
	}
	if err.RetryAfter > 0 {
		header.Set("Retry-After", strconv.Itoa(int(math.Ceil(err.RetryAfter.Seconds()))))
	}
	if err.Budget != nil {
		tellSpent(header, *err.Budget)
	}
	body := refusal(err.Kind.WireType(), err.Message, requestID)
	header.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(err.Kind.Status())
	_, _ = w.Write(body) // the client may be gone; there is nobody else to tell
}

func refusal(wireType, message, requestID string) []byte {
	type detail struct {
		Type    string `json:"type"`
		Message string `json:"message"`
	}
	body, err := json.Marshal(struct {
		Type      string `json:"type"`
		Error     detail `json:"error"`
		RequestID string `json:"request_id"`
	}{"error", detail{wireType, message}, requestID})
	if err != nil {
		panic(err) // three strings always marshal
	}
	return body
}
