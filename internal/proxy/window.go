package proxy

import (
	"io"
	"sync"
)

// window is the buffer an answer is copied through. It is small while events
// come one by one, since a stream holds it for as long as it lasts, and large
// while more is waiting than fits, since every piece costs a write and a flush.
type window struct {
	small, large *[]byte
	calm         bool // the last read fitted into the small one
}

// The small size is what net/http has in its own buffer when it answers a
// read; the large one takes a burst of a few hundred events at once.
const (
	smallWindow = 4 << 10
	largeWindow = 32 << 10
)

var (
	smallWindows = sync.Pool{New: func() any { b := make([]byte, smallWindow); return &b }}
	largeWindows = sync.Pool{New: func() any { b := make([]byte, largeWindow); return &b }}
)

// read returns what one read yields. The bytes are good until the next one.
func (w *window) read(from io.Reader) ([]byte, error) {
	if w.small == nil {
		w.small = smallWindows.Get().(*[]byte)
	}
	if w.calm && w.large != nil {
		largeWindows.Put(w.large)
		w.large = nil
	}
	buffer := w.small
	if w.large != nil {
		buffer = w.large
	}
	n, err := from.Read(*buffer)
	w.calm = n < smallWindow
	if !w.calm && w.large == nil {
		w.large = largeWindows.Get().(*[]byte)
	}
	return (*buffer)[:n], err
}

// close gives the buffers back.
func (w *window) close() {
	if w.small != nil {
		smallWindows.Put(w.small)
	}
	if w.large != nil {
		largeWindows.Put(w.large)
	}
}
