package messages

import (
	"bytes"
	"slices"

	"tollgate/internal/jsonedit"
)

// sights are what catches the eye in a body. Names and values are those that
// stand there letter by letter; whoever writes them otherwise is disguised.
type sights struct {
	kinds  []int // where a name "type" ends whose text is that of a tool the provider runs, with a version
	models []int // where a "model" ends
	images int   // values "image"
	// refers says that something may name a page or a file, or be a document of
	// pages: a name "file_id", a value "url", the type of a PDF, a disguise.
	refers bool
}

// look crosses a body in hops: from colon to colon for names and values, from
// stroke to stroke for the type of a PDF, from nought to nought for letters that
// are written by their numbers. Quotes, which in source code are all escaped,
// would be more hops than all of these.
func look(body []byte) sights {
	seen := sights{refers: hasPDF(body) || disguises(body)}
	for colon := range jsonedit.Colons(body) {
		if name := jsonedit.NameBefore(body, colon); name > 0 {
			seen.seeName(body, name)
		}
		seen.seeValue(jsonedit.After(body, colon))
	}
	return seen
}

func (s *sights) seeName(body []byte, end int) {
	switch before := body[:end]; {
	case bytes.HasSuffix(before, []byte(`"type"`)):
		if isVersioned(textAfterColon(body[end:])) {
			s.kinds = append(s.kinds, end)
		}
	case bytes.HasSuffix(before, []byte(`"model"`)):
		s.models = append(s.models, end)
	case bytes.HasSuffix(before, []byte(`"file_id"`)):
		s.refers = true
	}
}

func (s *sights) seeValue(value []byte) {
	switch {
	case bytes.HasPrefix(value, []byte(`"image"`)):
		s.images++
	case bytes.HasPrefix(value, []byte(`"url"`)):
		s.refers = true
	}
}

// bringsTools says whether a conversation brings a tool along that the provider
// runs, as its messages may: something anywhere in it whose type has a version.
func (s *sights) bringsTools(conversation jsonedit.Member) bool {
	return slices.ContainsFunc(s.kinds, func(at int) bool {
		return conversation.At < at && at <= conversation.At+len(conversation.Value) &&
			isVersioned(textAfterColon(conversation.Value[at-conversation.At:]))
	})
}

// yieldNamed yields the short texts of all members "model", anywhere in a value.
// It returns false when no more are wanted.
func (s *sights) yieldNamed(member jsonedit.Member, yield func(string) bool) bool {
	for _, at := range s.models {
		if at < member.At+len(`"model"`) || at > member.At+len(member.Value) {
			continue
		}
		if name := textAfterColon(member.Value[at-member.At:]); len(name) > 0 && !yield(string(name)) {
			return false
		}
	}
	return true
}

// mayName says whether a value may have a member "model".
func (s *sights) mayName(member jsonedit.Member) bool {
	return s.refers || slices.ContainsFunc(s.models, func(at int) bool { return member.At < at && at <= member.At+len(member.Value) })
}

// hasPDF says whether the type of a PDF is there. Of other ways to write its
// stroke than these two, disguises knows.
func hasPDF(body []byte) bool {
	for at := range jsonedit.Strokes(body) {
		before := bytes.TrimSuffix(body[:at], []byte{'\\'})
		if bytes.HasPrefix(body[at+1:], []byte("pdf")) && bytes.HasSuffix(before, []byte("application")) {
			return true
		}
	}
	return false
}

// disguises says whether a name could be written otherwise than it is looked for,
// or the stroke in the type of a PDF.
func disguises(body []byte) bool {
	for at := range jsonedit.Numbers(body) {
		if jsonedit.IsWord(body[at:]) || isPDFStroke(body[:at-len(`\u00`)], body[at:]) {
			return true
		}
	}
	return false
}

func isPDFStroke(before, number []byte) bool {
	return bytes.HasSuffix(before, []byte("application")) && (bytes.HasPrefix(number, []byte("2fpdf")) || bytes.HasPrefix(number, []byte("2Fpdf")))
}
