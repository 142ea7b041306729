// Package payload holds one request body in memory while it is being sent.
//
// A body is read whole before it is forwarded: that is cheaper than streaming
// it, it is what makes a second attempt possible, and it keeps an upstream
// that answers early from cutting the client's upload. Its buffer comes from a
// pool and goes back as soon as the last reader is closed, which for a
// streamed answer is long before the request ends.
package payload

import (
	"errors"
	"io"
	"math/bits"
	"sync"
	"sync/atomic"
)

// ErrTooLarge is returned for a body over the limit.
var ErrTooLarge = errors.New("the body is larger than the limit")

// Payload is a body. Whoever made it holds it until Release; every reader
// holds it until Close.
type Payload struct {
	bytes    []byte
	pooled   *[]byte // nil: not from the pool
	holders  atomic.Int32
	released atomic.Bool
}

// Of makes a payload of bytes that belong to nobody else.
func Of(bytes []byte) *Payload {
	p := &Payload{bytes: bytes}
	p.holders.Store(1)
	return p
}

// believed is how much of an announced length gets its memory at once, in
// bytes. Whoever wants more of it has to send that much first: an announcement
// costs a stranger nothing.
const believed = 1 << 20

// Read reads a body of at most limit bytes. length is what the sender
// announced, -1 when it did not. The error is ErrTooLarge, the reader's own,
// or io.ErrUnexpectedEOF for a body shorter than announced.
func Read(r io.Reader, length, limit int64) (*Payload, error) {
	if length > limit {
		return nil, ErrTooLarge
	}
	p := &Payload{pooled: take(min(max(length, 0), believed))}
	p.holders.Store(1)
	var err error
	if length < 0 {
		err = p.fillUpTo(r, limit)
	} else {
		err = p.fillExactly(r, length)
	}
	if err != nil {
		p.Release()
		return nil, err
	}
	return p, nil
}

// fillExactly reads a body whose length is known.
func (p *Payload) fillExactly(r io.Reader, length int64) error {
	for {
		room := (*p.pooled)[:min(int64(len(*p.pooled)), length)]
		n, err := io.ReadFull(r, room[len(p.bytes):])
		p.bytes = room[:len(p.bytes)+n]
		switch {
		case int64(len(p.bytes)) == length:
			return nil
		case err == io.EOF:
			return io.ErrUnexpectedEOF
		case err != nil:
			return err
		}
		p.grow(length)
	}
}

// fillUpTo reads a body that ends when it ends.
func (p *Payload) fillUpTo(r io.Reader, limit int64) error {
	for {
		n, err := r.Read((*p.pooled)[len(p.bytes):])
		p.bytes = (*p.pooled)[:len(p.bytes)+n]
		switch {
		case int64(len(p.bytes)) > limit:
			return ErrTooLarge
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		case len(p.bytes) == len(*p.pooled):
			p.grow(limit + 1) // one more byte is what tells that it is too large
		}
	}
}

// grow moves what has arrived to a buffer of twice the size, or of bound bytes
// if that is less.
func (p *Payload) grow(bound int64) {
	larger := take(min(2*int64(len(*p.pooled)), bound))
	p.bytes = (*larger)[:copy(*larger, p.bytes)]
	give(p.pooled)
	p.pooled = larger
}

// Bytes is the body. It must not be changed, nor used after Release.
func (p *Payload) Bytes() []byte { return p.bytes }

// Len is the body's length in bytes.
func (p *Payload) Len() int { return len(p.bytes) }

// NewReader reads the body from its beginning. It keeps the body alive until
// it is closed.
func (p *Payload) NewReader() io.ReadCloser {
	p.holders.Add(1)
	return &reader{payload: p, rest: p.bytes}
}

// Release gives up the maker's hold. Calling it again does nothing.
func (p *Payload) Release() {
	if p.released.CompareAndSwap(false, true) {
		p.letGo()
	}
}

func (p *Payload) letGo() {
	if p.holders.Add(-1) == 0 && p.pooled != nil {
		give(p.pooled)
	}
}

// reader takes a lock for each read because an HTTP transport may close a body
// in one goroutine while another is still reading it; after Close it touches
// the buffer no more.
type reader struct {
	mu      sync.Mutex
	payload *Payload // nil once closed
	rest    []byte
}

func (r *reader) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.payload == nil {
		return 0, errClosed
	}
	if len(r.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

func (r *reader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.payload != nil {
		r.payload.letGo()
		r.payload, r.rest = nil, nil
	}
	return nil
}

var errClosed = errors.New("the body is closed")

// Buffers are pooled by powers of two from 4 KiB to 4 MiB; larger ones are
// rare enough to be left to the collector.
const (
	smallestBits = 12
	largestBits  = 22
)

var pools [largestBits - smallestBits + 1]sync.Pool

// class is the index of the smallest pool whose buffers hold size bytes.
func class(size int64) int {
	if size <= 1<<smallestBits {
		return 0
	}
	return bits.Len64(uint64(size-1)) - smallestBits
}

func take(size int64) *[]byte {
	at := class(size)
	if at >= len(pools) {
		buffer := make([]byte, size)
		return &buffer
	}
	if buffer, ok := pools[at].Get().(*[]byte); ok {
		return buffer
	}
	buffer := make([]byte, 1<<(at+smallestBits))
	return &buffer
}

func give(buffer *[]byte) {
	if at := class(int64(len(*buffer))); at < len(pools) && len(*buffer) == 1<<(at+smallestBits) {
		pools[at].Put(buffer)
	}
}
