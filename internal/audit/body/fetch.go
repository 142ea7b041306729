package body

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"time"

	"tollgate"
)

// ReadAction is the action of the record that somebody was given a sealed body.
const ReadAction tollgate.AuditAction = "body.read"

// Keys are where the keys of people are found.
type Keys interface {
	PersonKeys(ctx context.Context, person string) ([]tollgate.PersonKey, error)
}

// Fetch finds a body of a request, and what opens it. Errors are sentences that
// say why it is not there.
func Fetch(ctx context.Context, keys Keys, folder string, x *tollgate.Exchange, part tollgate.BodyPart) (found tollgate.SealedBody, err error) {
	fate, digest := x.RequestBody, x.RequestDigest
	if part == tollgate.ResponsePart {
		fate, digest = x.ResponseBody, x.ResponseDigest
	}
	if fate != tollgate.BodySealed {
		return found, notSealed(x, part, fate)
	}
	found = tollgate.SealedBody{Request: x, Part: part}
	if found.Sealed, err = Read(folder, x.ID, part, digest); err != nil {
		return found, err
	}
	label, err := ReadLabel(bufio.NewReader(bytes.NewReader(found.Sealed)))
	if err != nil {
		return found, err
	}
	if label.Request != x.ID || label.Part != part {
		return found, tollgate.Errorf(tollgate.Conflict, "the file of the %s body of %s says that it is another; somebody has changed it", part, x.ID)
	}
	found.Person = label.Person
	if found.Keys, err = keys.PersonKeys(ctx, label.Person); err == nil && len(found.Keys) == 0 {
		err = errNoKey
	}
	return found, err
}

func notSealed(x *tollgate.Exchange, part tollgate.BodyPart, fate tollgate.BodyFate) error {
	if why, dropped := strings.CutPrefix(string(fate), "dropped_"); dropped {
		return tollgate.Errorf(tollgate.NotFound, "the %s body of %s was not kept; its record says that it was dropped, and why: %s", part, x.ID, why)
	}
	return tollgate.Errorf(tollgate.NotFound, "the %s body of %s was not kept; audit.bodies was not sealed then, or there was none of a provider's", part, x.ID)
}

// ReadEvent is the record that somebody was given a body.
func ReadEvent(ctx context.Context, given tollgate.SealedBody, at time.Time) tollgate.AuditEvent {
	about, _ := json.Marshal(map[string]string{"body": string(given.Part), "person": given.Person}) // texts always marshal
	return tollgate.AuditEvent{
		Time: at, Action: ReadAction, Actor: tollgate.ActorOf(ctx), Object: given.Request.ID, Outcome: "done", About: about,
	}
}
