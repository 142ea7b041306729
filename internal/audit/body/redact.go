package body

import (
	"cmp"
	"regexp"
	"slices"
)

// Redactor replaces credentials in what is stored. It is immutable and may be
// used by many goroutines; it takes time in proportion to the text.
type Redactor struct {
	credentials bool
	own         []named
}

// named is a pattern of the organisation's own.
type named struct {
	name    string
	pattern *regexp.Regexp
}

// NewRedactor makes one of a valid configuration.
func NewRedactor(c Redact) *Redactor {
	r := &Redactor{credentials: c.Credentials}
	for _, p := range c.Patterns {
		r.own = append(r.own, named{p.Name, regexp.MustCompile(p.Match)}) // Validate has compiled it
	}
	return r
}

// span is a stretch of a text that is replaced by a mark; an empty name only
// takes it out, since the mark stands before it.
type span struct {
	from, to int
	name     string
}

// Redact appends text to out, with a mark «redacted:NAME» for each credential,
// and counts the marks by name. What was valid JSON is so afterwards: marks stand
// inside of strings alone and never divide an escape.
func (r *Redactor) Redact(out, text []byte) ([]byte, map[string]int) {
	spans := r.find(text)
	if len(spans) == 0 {
		return append(out, text...), nil
	}
	counts, at := map[string]int{}, 0
	for _, s := range spans {
		out = append(out, text[at:s.from]...)
		if s.name != "" {
			out = append(append(append(out, "«redacted:"...), s.name...), "»"...)
			counts[s.name]++
		}
		at = s.to
	}
	return append(out, text[at:]...), counts
}

// find returns what is to be replaced, in order and disjoint.
func (r *Redactor) find(text []byte) (spans []span) {
	spans = r.look(text, isDocument(text))
	for _, j := range joinDeltas(text) {
		for _, s := range r.look(j.text, false) {
			spans = append(spans, j.pieces(s)...)
		}
	}
	return disjoint(spans)
}

// look searches one text. In a document the organisation's own patterns see
// one string after the other, in any other text all of it.
func (r *Redactor) look(text []byte, document bool) (spans []span) {
	if r.credentials {
		spans = findCredentials(text)
	}
	for _, own := range r.own {
		spans = append(spans, own.find(text, document)...)
	}
	return spans
}

// disjoint sorts spans and makes one of those that overlap, under the name of
// the first.
func disjoint(spans []span) []span {
	slices.SortStableFunc(spans, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	kept := spans[:0]
	for _, s := range spans {
		if last := len(kept) - 1; last >= 0 && s.from < kept[last].to {
			kept[last].to = max(kept[last].to, s.to)
			kept[last].name = cmp.Or(kept[last].name, s.name)
			continue
		}
		if s.to > s.from {
			kept = append(kept, s)
		}
	}
	return kept
}

// find searches the text without its escapes. What it finds of nothing is
// nothing.
func (n named) find(text []byte, document bool) (spans []span) {
	search := func(from, to int) {
		plain := unescape(text[from:to])
		for _, found := range n.pattern.FindAllIndex(plain.text, -1) {
			if found[1] > found[0] {
				spans = append(spans, span{from + plain.begin(found[0]), from + plain.begin(found[1]), n.name})
			}
		}
	}
	if !document {
		search(0, len(text))
		return spans
	}
	for from, to := range quoted(text) {
		search(from, to)
	}
	return spans
}
