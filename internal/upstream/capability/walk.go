package capability

import "tollgate/internal/jsonedit"

// walk goes through a body once and takes away what the plan says. Whatever is
// taken away is not looked into, so that no two changes overlap.
type walk struct {
	*plan
	edits *jsonedit.Edits
	found []int // by feature, how many fields of it there are
}

// body is the outermost object.
func (w *walk) body() {
	w.object(&w.root, 0, w.edits.Doc())
}

func (w *walk) value(n *node, at int, value []byte) {
	switch {
	case len(n.next) == 0 || len(value) == 0 || !n.words.in(value):
	case value[0] == '{':
		w.object(n, at, value)
	case value[0] == '[':
		w.array(n, at, value)
	}
}

func (w *walk) object(n *node, at int, object []byte) {
	w.edits.Members(at, object, func(m jsonedit.Member) bool {
		for _, child := range n.next {
			if child.element || !m.Is(child.name) {
				continue
			}
			if w.meets(child) || w.empties(child, m.Value) {
				return false
			}
			w.value(child, at+m.At, m.Value)
			return true
		}
		return true
	}, nil)
}

func (w *walk) array(n *node, at int, array []byte) {
	w.edits.Elements(at, array, func(at int, element []byte) bool {
		var inside []*node
		for _, child := range n.next {
			if !child.element || !child.fits(element) {
				continue
			}
			if w.meets(child) {
				return false
			}
			inside = append(inside, child)
		}
		for _, child := range inside {
			w.value(child, at, element)
		}
		return true
	})
}

// meets notes that a place is there, and says whether what stands there goes.
// What goes is of no use to another feature any more.
func (w *walk) meets(n *node) (goes bool) {
	goes = w.removes(n)
	for _, f := range n.features {
		if d := &w.features[f]; !goes || d.removes() || d.verdict == refuse {
			w.found[f]++
		}
	}
	return goes
}

// empties says whether nothing of an object would be left, which then goes as a
// whole: a provider that knows none of its members does not know it either.
func (w *walk) empties(n *node, object []byte) bool {
	if len(n.next) == 0 || len(object) == 0 || object[0] != '{' {
		return false
	}
	var gone []*node
	for m, err := range jsonedit.Members(object) {
		child := n.member(m)
		if err != nil || child == nil || !w.removes(child) {
			return false
		}
		gone = append(gone, child)
	}
	for _, child := range gone {
		w.meets(child)
	}
	return len(gone) > 0
}

func (n *node) member(m jsonedit.Member) *node {
	for _, child := range n.next {
		if !child.element && m.Is(child.name) {
			return child
		}
	}
	return nil
}

func (p *plan) removes(n *node) bool {
	for _, f := range n.features {
		if p.features[f].removes() {
			return true
		}
	}
	return false
}
