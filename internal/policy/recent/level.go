package recent

// level has one window for each hash it has seen lately. When it is full, a
// newcomer is given the window of somebody who has learned nothing since the
// hand came by last: about the one that was idle for longest, and nobody has to
// move when somebody learns.
type level struct {
	most, samples int
	at            map[uint64]*window
	round         []*window
	hand          int
}

func newLevel(most, samples int) level {
	return level{most: most, samples: samples, at: map[uint64]*window{}}
}

func (l *level) expect(hash uint64) (Sample, bool) {
	if found, ok := l.at[hash]; ok {
		return found.expect()
	}
	return Sample{}, false
}

func (l *level) learn(hash uint64, s Sample) {
	if hash == 0 {
		return
	}
	w, ok := l.at[hash]
	if !ok {
		w = l.room()
		delete(l.at, w.hash)
		w.begin(hash)
		l.at[hash] = w
	}
	w.learn(s, l.samples)
}

// room is a window for a newcomer.
func (l *level) room() *window {
	if len(l.round) < l.most {
		fresh := &window{}
		l.round = append(l.round, fresh)
		return fresh
	}
	for {
		w := l.round[l.hand]
		l.hand = (l.hand + 1) % l.most
		if !w.active {
			return w
		}
		w.active = false
	}
}
