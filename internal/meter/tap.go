// Package meter finds out what a request consumed and what that costs.
//
// A Tap listens beside the copy of an answer and hears the provider's own
// usage figures; a Book turns them into money. The tap can neither delay nor
// break the relay: it accepts every byte, keeps none of the caller's memory,
// holds a bounded amount of its own, and reports no error. The book counts in
// integers, from the text of the price list to the nano-dollar in the ledger,
// and an unknown price is never zero.
//
// It decides nothing: whether a model without a price may be used, and whether
// a request may be made at all, is asked elsewhere.
package meter

// Tap hears what one answer says about usage. One goroutine writes to it and
// closes it.
type Tap struct {
	ear interface {
		write(p []byte)
		close() Reading
	}
}

// NewTap makes the tap for an answer: a stream of server-sent events, or one
// JSON document.
func NewTap(stream bool) *Tap {
	if stream {
		return &Tap{ear: newStreamEar()}
	}
	return &Tap{ear: newBodyEar()}
}

// Write hears the next bytes of the answer. It always takes all of them, and
// keeps none of p.
func (t *Tap) Write(p []byte) (int, error) {
	if t.ear != nil {
		t.ear.write(p)
	}
	return len(p), nil
}

// Close says what was heard, once the answer has ended, however it ended.
// Bytes written later are not heard, and a second Close says nothing.
func (t *Tap) Close() Reading {
	if t.ear == nil {
		return Reading{}
	}
	ear := t.ear
	t.ear = nil
	return ear.close()
}
