// Package explain makes of a cloud's own error what a client may see and can
// act on. The cloud's words can name accounts, roles and projects: those are for
// the operator's log.
//
// What a client recovers by reaches it: the words of the model itself, which are
// those of the Messages API whoever serves it, and for what a cloud says in its
// place the tokens that Claude Code knows. Everything else becomes a sentence of
// the gateway's own. An explanation never says more than the provider did, and
// never names what belongs to the operator.
package explain

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"tollgate"
	"tollgate/internal/dialect"
)

// Explanation is what becomes of a provider's error.
type Explanation struct {
	Fault dialect.Fault // for the client; without RequestID
	Final bool          // asking again cannot help, so the client is told not to
	Cause string        // the provider's words, for the operator alone
}

// longest is how many bytes of a provider's words are kept.
const longest = 4 << 10

// Of explains an error answer of a provider: its status, its headers, and as
// much of its body as was read.
func Of(provider string, operation tollgate.Operation, status int, header http.Header, body []byte) Explanation {
	said := read(header, body)
	told := meaningOf(status)
	if code := codeOf(said); code.overrides(status) {
		told = code.meaning
	}
	switch {
	case operation == tollgate.CountTokens && cannotCount(status, said.message):
		status, told = http.StatusNotImplemented, uncountable
	case !refusesContent(status):
	case said.envelope:
		told.sentence, told.wire = said.message, said.typeOr(told.wire)
	default:
		told.sentence = rejection(said, told.sentence)
	}
	return Explanation{
		Fault: dialect.Fault{Status: status, Type: told.wire, Message: fit(told.sentence), Details: said.safeDetails(status)},
		Final: told.final,
		Cause: cause(provider, said.code, body),
	}
}

// refusesContent says whether a status is about what the client sent, so that
// the words matter to it.
func refusesContent(status int) bool {
	return status == http.StatusBadRequest || status == http.StatusRequestEntityTooLarge || status == http.StatusUnprocessableEntity
}

// cause is what the operator is told.
func cause(provider, code string, body []byte) string {
	words := strings.TrimSpace(clip(string(body)))
	if code != "" {
		return provider + ": " + clip(code) + ": " + words
	}
	return provider + ": " + words
}

// fit makes words of a provider's safe and short. What clipping leaves is looked
// at again: the end of a long number can be a short one.
func fit(words string) string {
	masked := Mask([]byte(strings.ToValidUTF8(words, "\uFFFD")))
	return string(Mask([]byte(clip(string(masked)))))
}

// clip cuts a text to longest, between two characters.
func clip(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if len(text) <= longest {
		return text
	}
	end := longest
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}
