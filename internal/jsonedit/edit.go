package jsonedit

import (
	"bytes"
	"iter"
	"slices"
)

// Edits are changes to one document. They are collected while it is walked and
// made all at once, in one copy; every byte outside of them stays. The zero
// Edits is that of an empty document; one goroutine owns it.
type Edits struct {
	doc   []byte
	outer *Object // nil: not walked yet
	cuts  []cut
	lists map[int]*list // those in which something goes or comes, by where they begin
}

// cut replaces doc[from:to].
type cut struct {
	from, to int
	text     []byte
}

// Edit begins a list of changes to doc, which must stay as it is until Bytes.
func Edit(doc []byte) *Edits { return &Edits{doc: doc} }

// Edit begins a list of changes to the document, and spares walks through it.
func (o *Object) Edit() *Edits { return &Edits{doc: o.doc, outer: o} }

// Doc is the document as it came.
func (e *Edits) Doc() []byte { return e.doc }

// Changed says whether anything is to be changed.
func (e *Edits) Changed() bool { return len(e.cuts)+len(e.lists) > 0 }

// Replace puts value in the place of doc[at:at+length]. No two changes may
// overlap.
func (e *Edits) Replace(at, length int, value []byte) {
	e.cuts = append(e.cuts, cut{at, at + length, value})
}

// Bytes is the document with all changes made: the document itself when there
// are none, and a copy otherwise.
func (e *Edits) Bytes() []byte {
	if !e.Changed() {
		return e.doc
	}
	made := e.Make()
	return made.AppendTo(make([]byte, 0, made.Len()))
}

// Made is a document with changes made, before it is written.
type Made struct {
	doc  []byte
	cuts []cut // in order
}

// Make makes the changes; those that are collected later are not among them.
func (e *Edits) Make() Made {
	cuts := slices.Clone(e.cuts)
	for _, l := range e.lists {
		cuts = append(cuts, l.cuts()...)
	}
	slices.SortStableFunc(cuts, func(a, b cut) int { return a.from - b.from })
	return Made{e.doc, cuts}
}

// Len is its length in bytes.
func (m Made) Len() int {
	size := len(m.doc)
	for _, c := range m.cuts {
		size += len(c.text) - (c.to - c.from)
	}
	return size
}

// AppendTo writes it behind what is there.
func (m Made) AppendTo(out []byte) []byte {
	at := 0
	for _, c := range m.cuts {
		out = append(append(out, m.doc[at:c.from]...), c.text...)
		at = c.to
	}
	return append(out, m.doc[at:]...)
}

// Setting is a member as it is to be. Without a value it is not to be there.
type Setting struct {
	Name  string // plain ASCII
	Value []byte // JSON; nil: absent
}

// Set makes the members of the object that begins at at what the settings
// say. One that is there as it should be stays untouched, one that is missing
// is put in front of the others, in the order of the settings. Of a member that
// stands twice, one remains. It returns the settings for which something had to
// be changed, each with the value that was there before, nil for none.
func (e *Edits) Set(at int, object []byte, settings ...Setting) (changed []Setting) {
	seen := make([]bool, len(settings))
	changes := make([]bool, len(settings))
	before := make([][]byte, len(settings))
	e.Members(at, object, func(m Member) bool {
		i := slices.IndexFunc(settings, func(s Setting) bool { return m.Is(s.Name) })
		if i < 0 {
			return true
		}
		keep := settings[i].Value != nil && !seen[i]
		if !keep || !same(settings[i].Value, m.Value) {
			changes[i] = true
			before[i] = m.Value
			if keep {
				e.Replace(at+m.At, len(m.Value), settings[i].Value)
			}
		}
		seen[i] = true
		return keep
	}, func() (missing []Setting) {
		for i, s := range settings {
			if !seen[i] && s.Value != nil {
				missing = append(missing, s)
				changes[i] = true
			}
		}
		return missing
	})
	for i, s := range settings {
		if changes[i] {
			changed = append(changed, Setting{s.Name, before[i]})
		}
	}
	return changed
}

// same says whether two values are one, be its letters written otherwise.
func same(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	one, isText := Text(a)
	other, alsoText := Text(b)
	return isText && alsoText && one == other
}

// Members asks for each member of the object that begins at at whether it is to
// stay, and takes away those that are not. What add returns, asked after that
// and nil for nothing, is put in front of them. An object may be gone through
// more than once; a member that is taken away already is not asked about again.
func (e *Edits) Members(at int, object []byte, keep func(Member) bool, add func() []Setting) {
	before := e.lists[at]
	l := &list{open: at + bytes.IndexByte(object, '{') + 1}
	for m, err := range e.members(at, object) {
		if err != nil {
			return
		}
		gone := before != nil && !before.spans[len(l.spans)].kept
		l.spans = append(l.spans, span{at + m.from, at + m.end(), !gone && keep(m)})
	}
	if add != nil {
		l.added = add()
	}
	e.note(at, before, l)
}

// members are those of the object that begins at at.
func (e *Edits) members(at int, object []byte) iter.Seq2[Member, error] {
	if at == 0 && e.outer != nil {
		return e.outer.Members()
	}
	return Members(object)
}

// Elements asks for each element of the array that begins at at whether it is
// to stay, and takes away those that are not. It is told where in the document
// the element begins.
func (e *Edits) Elements(at int, array []byte, keep func(at int, element []byte) bool) {
	before := e.lists[at]
	l := &list{}
	for i, element := range ElementsAt(array) {
		gone := before != nil && !before.spans[len(l.spans)].kept
		l.spans = append(l.spans, span{at + i, at + i + len(element), !gone && keep(at+i, element)})
	}
	e.note(at, before, l)
}

// list is an object or an array of which something goes, or to which something
// comes. Its commas are settled when everything about it is known.
type list struct {
	open  int // where its first member may stand
	spans []span
	added []Setting
}

// span is a member or an element, without the comma behind it.
type span struct {
	from, to int
	kept     bool
}

// note puts what was found of a list in the place of what was known before.
func (e *Edits) note(at int, before, now *list) {
	if before != nil {
		now.added = append(before.added, now.added...)
	}
	if len(now.added) == 0 && !slices.ContainsFunc(now.spans, func(s span) bool { return !s.kept }) {
		return
	}
	if e.lists == nil {
		e.lists = map[int]*list{}
	}
	e.lists[at] = now
}

// cuts are the changes that a list comes to.
func (l *list) cuts() []cut {
	cuts := l.take()
	if text := l.insertion(); len(text) > 0 {
		cuts = append([]cut{{l.open, l.open, text}}, cuts...)
	}
	return cuts
}

// insertion is what comes in front, with a comma where something follows.
func (l *list) insertion() (text []byte) {
	more := slices.ContainsFunc(l.spans, func(s span) bool { return s.kept })
	for i, s := range l.added {
		text = append(append(append(append(text, '"'), s.Name...), '"', ':'), s.Value...)
		if more || i < len(l.added)-1 {
			text = append(text, ',')
		}
	}
	return text
}

// take takes away those that are not kept, each run of them with one comma: the
// one behind it, or the one before it where it is the last.
func (l *list) take() (cuts []cut) {
	spans := l.spans
	for i := 0; i < len(spans); i++ {
		if spans[i].kept {
			continue
		}
		first, last := i, i
		for last+1 < len(spans) && !spans[last+1].kept {
			last++
		}
		from, to := spans[first].from, spans[last].to
		switch {
		case last+1 < len(spans):
			to = spans[last+1].from
		case first > 0:
			from = spans[first-1].to
		}
		cuts = append(cuts, cut{from: from, to: to})
		i = last
	}
	return cuts
}
