package proxy

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"tollgate"
	"tollgate/internal/dialect/messages"
)

// refuse ends an exchange with an error, whose answer has not begun: the
// message goes to the client, the cause to the log. What a row and its line in
// the log say already is not said twice.
func (p *Proxy) refuse(w http.ResponseWriter, x *tollgate.Exchange, err *tollgate.Error) {
	level := slog.LevelInfo
	switch {
	case err.Kind == tollgate.Internal || err.Kind == tollgate.Overloaded || errors.Is(err, errUnpriced):
		level = slog.LevelError
	case x.Key != "" || err.Kind == tollgate.Full: // what operators have to hear of that, tellFull tells
		level = slog.LevelDebug
	}
	log := p.Log.With("request", x.ID, "from", x.Address, "status", err.Kind.Status(), "reason", tollgate.HideKeys(err.Message))
	if err.Cause != nil {
		log = log.With("cause", err.Cause)
	}
	log.Log(context.Background(), level, "refused")
	if err.Kind != tollgate.ClientGone {
		p.Refused(err.Kind)
		p.speak(w, x, err)
	}
}

// refuseOther is refuse for what is no request of a model.
func (p *Proxy) refuseOther(w http.ResponseWriter, r *http.Request, err error) {
	linger := p.part(w, r, false)
	defer linger()
	x := &tollgate.Exchange{ID: tollgate.NewRequestID(p.Now()), Address: p.snapshot.Load().clientAddress(r), Door: doorAt(r.URL.Path)}
	p.refuse(w, x, tollgate.AsError(err))
}

// speak sends a refusal, which may quote what the client sent.
func (p *Proxy) speak(w http.ResponseWriter, x *tollgate.Exchange, err *tollgate.Error) {
	spoken := *err
	spoken.Message = tollgate.HideKeys(err.Message)
	if how := howToKnock[x.Door]; how != "" && err.Kind == tollgate.Unauthenticated {
		spoken.Message += "; " + how
	}
	spoken.Kind = kindAt(x.Door, err.Kind)
	if help := p.snapshot.Load().Help; help != "" {
		spoken.Message += " (" + help + ")"
	}
	messages.Refuse(w, dialectOf(x.Door), x.ID, &spoken)
}

// triesForbiddenAgain holds the doors at which Claude Code takes a 403 for a
// credential that is about to be renewed, whatever x-should-retry says: it tries
// for minutes and prints nothing. After a 404 it tries once more and says that
// the model is not to be had here, and whom to ask (clienttest with 2.1.330,
// 2026-11-24).
var triesForbiddenAgain = map[string]bool{"bedrock": true, "anthropic-aws": true}

// kindAt is as what a refusal is spoken at a door.
func kindAt(door string, kind tollgate.Kind) tollgate.Kind {
	if kind == tollgate.Forbidden && triesForbiddenAgain[door] {
		return tollgate.NotFound
	}
	return kind
}
