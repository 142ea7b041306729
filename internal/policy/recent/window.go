package recent

import "tollgate"

// enough is how many samples make a window worth asking.
const enough = 4

// window holds the last samples under one hash.
type window struct {
	hash    uint64
	samples []Sample
	next    int  // the oldest, once the window is full
	active  bool // has learned since the hand came by
}

// begin makes it the empty window of another hash.
func (w *window) begin(hash uint64) {
	*w = window{hash: hash, samples: w.samples[:0]}
}

func (w *window) learn(s Sample, most int) {
	w.active = true
	if len(w.samples) < most {
		w.samples = append(w.samples, s)
		return
	}
	w.samples[w.next] = s
	if w.next++; w.next == most {
		w.next = 0
	}
}

// expect is the quantile 0.9 of each figure: of ten samples one is larger, and
// of less than ten none.
func (w *window) expect() (Sample, bool) {
	if len(w.samples) < enough {
		return Sample{}, false
	}
	var cost, input, output top
	above := len(w.samples) / 10
	for i := range w.samples {
		cost.add(int64(w.samples[i].Cost), above)
		input.add(w.samples[i].Input, above)
		output.add(w.samples[i].Output, above)
	}
	return Sample{tollgate.Money(cost[above]), input[above], output[above]}, true
}

// top holds the largest figures seen, in descending order. It has room for the
// rank that matters in the largest window.
type top [8]int64

// add puts a figure in its place among the largest, down to the rank last.
func (t *top) add(figure int64, last int) {
	if figure <= t[last] {
		return
	}
	at := last
	for ; at > 0 && t[at-1] < figure; at-- {
		t[at] = t[at-1]
	}
	t[at] = figure
}
