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
	level := slog.LevelInfo
	if known.Kind == tollgate.Internal || known.Kind == tollgate.Overloaded {
		level = slog.LevelError
	}
	p.Log.Log(context.Background(), level, "refused", "request", requestID, "status", known.Kind.Status(), "reason", known.Message, "cause", known.Cause)
	if known.Kind == tollgate.ClientGone {
		return
	}
	spoken := *known
	if help := p.snapshot.Load().Help; help != "" {
		spoken.Message += " (" + help + ")"
	}
	messages.Refuse(w, requestID, &spoken)
}
