package simulator

import "slices"

// The distortions below work on steps that carry one event each, except
// chunked and cutAfterBytes, which look at bytes only.

// commented puts a comment line before every event.
func commented(list []step, text string) []step {
	for i := range list {
		list[i].bytes = append([]byte(": "+text+"\n"), list[i].bytes...)
	}
	return list
}

// cutAfter breaks off when n events have been written.
func cutAfter(list []step, n int, how Break) []step {
	list = list[:min(n, len(list))]
	return append(list, step{cut: how})
}

// insert puts a silence after its event. Signs of life divide it evenly, where a
// stream has any.
func (s *Silence) insert(list []step, on format) []step {
	pauses := []step{{wait: s.For}}
	if s.Every > 0 && !on.binary {
		sign := encode(newEvent("ping"))
		if s.Send == "comment" {
			sign = []byte(": keepalive\n\n")
		}
		pauses = slices.Repeat([]step{{wait: s.Every, bytes: sign}}, int(s.For/s.Every))
	}
	return slices.Insert(list, min(s.AfterEvents, len(list)), pauses...)
}

// batched writes n events at a time, without losing the time between them.
func batched(list []step, n int) []step {
	if n < 2 {
		return list
	}
	var joined []step
	for group := range slices.Chunk(list, n) {
		var all step
		for _, one := range group {
			all.wait += one.wait
			all.bytes = append(all.bytes, one.bytes...)
			all.cut = one.cut
		}
		joined = append(joined, all)
	}
	return joined
}

// chunked writes n bytes at a time.
func chunked(list []step, n int) []step {
	if n < 1 {
		return list
	}
	var small []step
	for _, one := range list {
		wait := one.wait
		for piece := range slices.Chunk(one.bytes, n) {
			small = append(small, step{wait: wait, bytes: piece})
			wait = 0
		}
		if len(one.bytes) == 0 || one.cut != Unbroken {
			small = append(small, step{wait: wait, cut: one.cut})
		}
	}
	return small
}

// cutAfterBytes breaks off when n bytes have been written.
func cutAfterBytes(list []step, n int, how Break) []step {
	for i, one := range list {
		if len(one.bytes) >= n {
			list[i].bytes = one.bytes[:n]
			return append(list[:i+1], step{cut: how})
		}
		n -= len(one.bytes)
	}
	return append(list, step{cut: how})
}
