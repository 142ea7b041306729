package recent

import "container/list"

// level has one window for each hash it has seen lately. The window that has
// learned nothing for the longest time is used again for the next newcomer.
type level struct {
	most, samples int
	at            map[uint64]*list.Element
	order         *list.List // of *window, the one that learned last in front
}

func newLevel(most, samples int) level {
	return level{most: most, samples: samples, at: map[uint64]*list.Element{}, order: list.New()}
}

func (l *level) expect(hash uint64) (Sample, bool) {
	if found, ok := l.at[hash]; ok {
		return found.Value.(*window).expect()
	}
	return Sample{}, false
}

func (l *level) learn(hash uint64, s Sample) {
	if hash == 0 {
		return
	}
	found, ok := l.at[hash]
	if !ok {
		found = l.enter(hash)
	}
	l.order.MoveToFront(found)
	found.Value.(*window).learn(s, l.samples)
}

// enter makes room for a hash that is not there.
func (l *level) enter(hash uint64) *list.Element {
	var place *list.Element
	if l.order.Len() < l.most {
		place = l.order.PushFront(&window{})
	} else {
		place = l.order.Back()
	}
	w := place.Value.(*window)
	delete(l.at, w.hash)
	w.begin(hash)
	l.at[hash] = place
	return place
}
