package jsonedit

import "iter"

// Object is a document of which it is known where the members of its outermost
// object stand. It is walked once, when it is opened, however often it is asked
// for them. It is not changed after that, and belongs to whoever owns the bytes.
type Object struct {
	doc     []byte
	members []Member
	err     error
}

// usual is how many members are made room for; a request has about a dozen.
const usual = 16

// Open walks doc, which must stay as it is.
func Open(doc []byte) *Object {
	o := &Object{doc: doc, members: make([]Member, 0, usual)}
	for m, err := range Members(doc) {
		if err != nil {
			o.err = err
			break
		}
		o.members = append(o.members, m)
	}
	return o
}

// Bytes is the document.
func (o *Object) Bytes() []byte { return o.doc }

// Members yields what the function of this name yields of the document.
func (o *Object) Members() iter.Seq2[Member, error] {
	return func(yield func(Member, error) bool) {
		for _, m := range o.members {
			if !yield(m, nil) {
				return
			}
		}
		if o.err != nil {
			yield(Member{}, o.err)
		}
	}
}
