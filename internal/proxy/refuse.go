package proxy

import (
	"context"
	"log/slog"
	"net/http"

	"tollgate"
	"tollgate/internal/dialect/messages"
)

// refuse speaks an error to a client whose answer has not begun, and writes
// its cause to the log, where it belongs.
func (p *Proxy) refuse(w http.ResponseWriter, requestID string, err error) {
	known := tollgate.AsError(err)
	message := tollgate.HideKeys(known.Message) // it may quote what the client sent
	level := slog.LevelInfo
	if known.Kind == tollgate.Internal || known.Kind == tollgate.Overloaded {
		level = slog.LevelError
	}
	p.Log.Log(context.Background(), level, "refused", "request", requestID, "status", known.Kind.Status(), "reason", message, "cause", known.Cause)
	if known.Kind == tollgate.ClientGone {
		return
	}
	if help := p.snapshot.Load().Help; help != "" {
		message += " (" + help + ")"
	}
	messages.Refuse(w, requestID, &tollgate.Error{Kind: known.Kind, Message: message, RetryAfter: known.RetryAfter})
}
