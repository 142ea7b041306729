package body

// findCredentials goes over the text once. At most places the next two bytes
// say that no form begins there.
func findCredentials(text []byte) (spans []span) {
	var before byte // the character before, as its reader sees it
	for i := 0; i < len(text); {
		c, width := text[i], 1
		if c != '\\' && (i+1 == len(text) || !pairs.has(c, text[i+1])) {
			before = c
			i++
			continue
		}
		if c == '\\' {
			c, width = unit(text, i)
		}
		if s, ok := credentialAt(text, i, c, wordy[before]); ok {
			spans = append(spans, s)
			before = 'x'
			i = s.to
			continue
		}
		before = c
		i += width
	}
	return spans
}

// credentialAt tries the forms that begin with c. within says that a word is
// under way.
func credentialAt(text []byte, i int, c byte, within bool) (span, bool) {
	for _, n := range byFirst[c] {
		f := &forms[n]
		if within && !f.inside {
			continue
		}
		at := f.behind(text, i)
		if at == 0 {
			continue
		}
		if from, to := f.rest(text, i, at); to > i {
			return span{from, to, f.name}, true
		}
	}
	return span{}, false
}

// behind is where the form's beginning ends, 0 when it does not stand at i.
func (f *form) behind(text []byte, i int) int {
	for n := range len(f.begins) {
		if i >= len(text) {
			return 0
		}
		c, width := unit(text, i)
		if f.fold {
			c = lower(c)
		}
		if c != f.begins[n] {
			return 0
		}
		i += width
	}
	return i
}

// pairs are the two bytes that forms can begin with.
var pairs = func() (set bytePairs) {
	for _, f := range forms {
		for _, first := range f.spellings(0) {
			set.add(first, '\\')
			for _, second := range f.spellings(1) {
				set.add(first, second)
			}
		}
	}
	return set
}()

// byFirst are the forms by the character they begin with.
var byFirst = func() (index [256][]int) {
	for n, f := range forms {
		for _, first := range f.spellings(0) {
			index[first] = append(index[first], n)
		}
	}
	return index
}()

// spellings are the bytes that may stand at a place of the beginning.
func (f *form) spellings(at int) []byte {
	b := f.begins[at]
	if f.fold && 'a' <= b && b <= 'z' {
		return []byte{b, b - 'a' + 'A'}
	}
	return []byte{b}
}

// bytePairs is a set of two bytes, one bit for each.
type bytePairs [1 << 11]uint32

func (p *bytePairs) add(a, b byte)      { p[int(a)<<3|int(b)>>5] |= 1 << (b & 31) }
func (p *bytePairs) has(a, b byte) bool { return p[int(a)<<3|int(b)>>5]&(1<<(b&31)) != 0 }
