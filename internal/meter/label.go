package meter

// Label is one word for all spellings of a model that the book has a price
// for, listed or the operator's own. What the book does not know has none: the
// number of labels is bounded by the book and not by whoever asks.
func (b *Book) Label(name string) (label string, ok bool) {
	if known := b.lookup(name); known != nil {
		return known.id, true
	}
	key := b.key(name)
	for _, o := range b.overrides {
		if o.key == key {
			return key, true
		}
	}
	return "", false
}
