package proxy

import (
	"io"
	"sync"
)

// window is the buffer an answer is copied through. It is large at first and
// as long as much is waiting, since every piece costs a write and a flush, and
// small while events come one by one, since a stream holds it for as long as it
// lasts.
type window struct {
	buffer *[]byte
	calm   bool // the last read would have fitted into a small one
}

// The small size takes a few events; the large one a burst of hundreds.
const (
	smallWindow = 2 << 10
	largeWindow = 32 << 10
)

var (
	smallWindows = sync.Pool{New: func() any { b := make([]byte, smallWindow); return &b }}
	largeWindows = sync.Pool{New: func() any { b := make([]byte, largeWindow); return &b }}
)

// read returns what one read yields. The bytes are good until the next one.
func (w *window) read(from io.Reader) ([]byte, error) {
	w.resize()
	n, err := from.Read(*w.buffer)
	w.calm = n < smallWindow
	return (*w.buffer)[:n], err
}

func (w *window) resize() {
	size, pool := largeWindow, &largeWindows
	if w.calm {
		size, pool = smallWindow, &smallWindows
	}
	if w.buffer == nil || len(*w.buffer) != size {
		w.close()
		w.buffer = pool.Get().(*[]byte)
	}
}

// close gives the buffer back.
func (w *window) close() {
	switch {
	case w.buffer == nil:
	case len(*w.buffer) == smallWindow:
		smallWindows.Put(w.buffer)
	default:
		largeWindows.Put(w.buffer)
	}
	w.buffer = nil
}
