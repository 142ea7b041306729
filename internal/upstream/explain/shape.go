package explain

import (
	"bytes"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
)

// words are what a provider said, whatever the shape.
type words struct {
	envelope bool   // of the Messages API: the model's own words
	wire     string // error.type of that envelope
	code     string // the cloud's name for what happened
	message  string
	details  json.RawMessage
}

// shapes are the members of all shapes together. AWS says {"message"}, some of
// its services {"Message"}, which encoding/json reads alike; Google
// {"error":{"code","message","status"}}, sometimes in a list of one; Azure
// {"error":{"code","message"}}; the Messages API
// {"type":"error","error":{"type","message","details"}}.
// Source: providers.md 1.5, 2.5, 3.1 and 4, 2026-11-23.
type shapes struct {
	Type    any `json:"type"`
	Message any `json:"message"`
	Error   struct {
		Type    any             `json:"type"`
		Code    any             `json:"code"`
		Status  any             `json:"status"`
		Message any             `json:"message"`
		Details json.RawMessage `json:"details"`
	} `json:"error"`
}

// read takes a provider's error apart. What has none of the shapes, such as a
// page of a proxy in between, says nothing.
func read(header http.Header, body []byte) (said words) {
	said.code = errorType(header)
	if list := firstOf(body); list != nil {
		body = list
	}
	var found shapes
	if json.Unmarshal(body, &found) != nil {
		return said
	}
	said.wire = text(found.Error.Type)
	said.envelope = text(found.Type) == "error" && said.wire != "" && text(found.Error.Message) != ""
	said.message = firstText(found.Error.Message, found.Message)
	if said.code == "" {
		said.code = firstText(found.Error.Status, found.Error.Code)
	}
	if said.envelope {
		said.details = found.Error.Details
	}
	return said
}

// errorType is the exception that AWS names beside its answer, without the
// address of its definition: "ValidationException:http://…".
func errorType(header http.Header) string {
	name, _, _ := strings.Cut(header.Get("X-Amzn-Errortype"), ":")
	return name[strings.LastIndexByte(name, '#')+1:]
}

// firstOf is the first element of a list; nil for what is none.
func firstOf(body []byte) []byte {
	var list []json.RawMessage
	if !bytes.HasPrefix(bytes.TrimSpace(body), []byte("[")) || json.Unmarshal(body, &list) != nil || len(list) == 0 {
		return nil
	}
	return list[0]
}

func text(value any) string {
	found, _ := value.(string)
	return found
}

func firstText(values ...any) string {
	for _, value := range values {
		if found := text(value); found != "" {
			return found
		}
	}
	return ""
}

// word is what error.type looks like. The set is open (providers.md 1.5).
var word = regexp.MustCompile(`^[a-z][a-z_]{0,63}$`)

func (w words) typeOr(otherwise string) string {
	if word.MatchString(w.wire) {
		return w.wire
	}
	return otherwise
}

// safeDetails are the details that clients branch on, unless they name what is
// the operator's.
func (w words) safeDetails(status int) json.RawMessage {
	if !refusesContent(status) || len(w.details) == 0 || len(w.details) > longest || string(w.details) == "null" {
		return nil
	}
	if masked := Mask(w.details); !bytes.Equal(masked, w.details) || !json.Valid(masked) {
		return nil
	}
	return w.details
}
