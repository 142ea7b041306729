package messages

import (
	"encoding/json"
	"math"
	"net/http"
	"strconv"

	"tollgate"
	"tollgate/internal/dialect"
)

// Refuse speaks err to the client in its dialect. Only the message reaches the
// client, never the cause. Nothing must have been written to w before.
//
// x-should-retry: false keeps Claude Code from asking eleven times over three
// minutes for an answer that cannot change (client-behaviour.md 2).
func Refuse(w http.ResponseWriter, spoken dialect.Dialect, requestID string, err *tollgate.Error) {
	header := w.Header()
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
	body := spoken.Fault(header, dialect.Fault{
		Status: err.Kind.Status(), Type: err.Kind.WireType(), Message: err.Message, RequestID: requestID, Details: details(err.Details),
	})
	header.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(err.Kind.Status())
	_, _ = w.Write(body) // the client may be gone; there is nobody else to tell
}

// details are what clients branch on, where the error has a code
// (providers.md 1.5, 2026-11-23).
func details(code string) json.RawMessage {
	if code == "" {
		return nil
	}
	text, _ := json.Marshal(map[string]string{"error_code": code}) // always marshals
	return text
}
