package proxy

import (
	"io"
	"strings"
	"testing"
)

// pieces is a source that yields pieces of these lengths, as far as a read has
// room.
type pieces []int

func (p *pieces) Read(b []byte) (int, error) {
	if len(*p) == 0 {
		return 0, io.EOF
	}
	n := copy(b, strings.Repeat("x", (*p)[0]))
	if (*p)[0] -= n; (*p)[0] == 0 {
		*p = (*p)[1:]
	}
	return n, nil
}

func TestWindowFollowsTheStream(t *testing.T) {
	source := pieces{100, 100, 2048, 9000, 50_000, 1, 1}
	var w window
	var sizes []int
	for total := 0; ; {
		piece, err := w.read(&source)
		if err == io.EOF {
			break
		}
		total += len(piece)
		sizes = append(sizes, len(*w.buffer))
	}
	want := []int{largeWindow, smallWindow, smallWindow, largeWindow, largeWindow, largeWindow, largeWindow, smallWindow}
	if len(sizes) != len(want) {
		t.Fatalf("read through %v, want %v", sizes, want)
	}
	for i := range want {
		if sizes[i] != want[i] {
			t.Fatalf("read through %v, want %v", sizes, want)
		}
	}
	w.close()
	w.close()
	if w.buffer != nil {
		t.Error("a closed window holds a buffer")
	}
}
