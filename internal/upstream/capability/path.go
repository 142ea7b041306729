package capability

import (
	"strings"

	"tollgate"
	"tollgate/internal/jsonedit"
)

// node is a place in a request that is of interest, or on the way to one.
type node struct {
	step
	next     []*node
	features []int // those of which this place is a field
	words    words // of the places below it
}

// step leads from a value to one inside it: the member of an object, or those
// elements of an array whose member of this name has a value that the glob fits.
type step struct {
	element bool
	name    string // of the member; of an element's deciding one, empty for any element
	glob    string
}

// stepsOf reads a path such as tools[type=advisor_*].cache_control.ttl.
func stepsOf(path string) (steps []step) {
	for part := range strings.SplitSeq(path, ".") {
		name, condition, array := strings.Cut(strings.TrimSuffix(part, "]"), "[")
		steps = append(steps, step{name: name})
		if array {
			key, glob, _ := strings.Cut(condition, "=")
			steps = append(steps, step{element: true, name: key, glob: glob})
		}
	}
	return steps
}

// add marks the place at the end of a path as the feature's.
func (n *node) add(steps []step, feature int) {
	if len(steps) == 0 {
		n.features = append(n.features, feature)
		return
	}
	for _, child := range n.next {
		if child.step == steps[0] {
			child.add(steps[1:], feature)
			return
		}
	}
	child := &node{step: steps[0]}
	child.add(steps[1:], feature)
	n.next = append(n.next, child)
}

// fits says whether the element is one to which the step leads.
func (s step) fits(element []byte) bool {
	if s.name == "" {
		return true
	}
	member, ok := jsonedit.Find(element, s.name)
	if !ok {
		return false
	}
	text, ok := member.Text()
	return ok && tollgate.MatchModel(s.glob, text)
}
