// Package payload holds one request body in memory while it is being sent.
//
// A body is read whole before it is forwarded: that is cheaper than streaming
// it, it is what makes a second attempt possible, and it keeps an upstream
// that answers early from cutting the client's upload. Its buffer comes from a
// pool and goes back as soon as the last reader is closed, which for a
// streamed answer is long before the request ends. What all bodies hold together
// is bounded: a buffer is made only where its Room has room for it, and the room
// is given back when the buffer is.
package payload

import (
	"crypto/sha256"
	"errors"
	"io"
	"math/bits"
	"sync"
	"sync/atomic"
)

// The errors of a body that is not taken.
var (
	ErrTooLarge = errors.New("the body is larger than the limit")
	ErrNoRoom   = errors.New("there is no room for the body")
)

// Room is the memory that bodies share, in bytes.
type Room interface {
	// Take makes n bytes of it the caller's, or says that there are not as many.
	Take(n int64) bool
	// Give gives n bytes back.
	Give(n int64)
}

// Payload is a body. Whoever made it holds it until Release; every reader
// holds it until Close.
type Payload struct {
	bytes    []byte
	pooled   *[]byte // nil: not from the pool
	room     Room
	taken    int64 // bytes of room
	holders  atomic.Int32
	released atomic.Bool

	hashing sync.Once
	sha256  [sha256.Size]byte
}

// Of makes a payload of bytes that belong to nobody else. The error is
// ErrNoRoom or nil.
func Of(bytes []byte, room Room) (*Payload, error) {
	p := &Payload{bytes: bytes, room: room, taken: int64(cap(bytes))}
	p.holders.Store(1)
	if !room.Take(p.taken) {
		return nil, ErrNoRoom
	}
	return p, nil
}

// Text is bytes that are still to be written.
type Text interface {
	Len() int
	AppendTo(to []byte) []byte
}

// Edited makes a payload of what p was made into, counted in the same room. The
// error is ErrNoRoom or nil.
func (p *Payload) Edited(text Text) (*Payload, error) {
	edited := &Payload{room: p.room}
	edited.holders.Store(1)
	if err := edited.grow(int64(text.Len())); err != nil {
		return nil, err
	}
	edited.bytes = text.AppendTo(edited.bytes)
	return edited, nil
}

// Read reads a body of at most limit bytes. length is what the sender
// announced, -1 when it did not. The error is ErrTooLarge, ErrNoRoom, the
// reader's own, or io.ErrUnexpectedEOF for a body shorter than announced.
func Read(r io.Reader, length, limit int64, room Room) (*Payload, error) {
	if length > limit {
		return nil, ErrTooLarge
	}
	p := &Payload{room: room}
	p.holders.Store(1)
	err := p.grow(1)
	if err != nil {
		return nil, err
	}
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

// trust is how many times as much as has arrived a buffer may hold. Whoever
// wants more of what was announced has to send some of it first: an announcement
// costs nothing, and a body that comes slowly costs little more than what came.
const trust = 32

// fillExactly reads a body whose length is known.
func (p *Payload) fillExactly(r io.Reader, length int64) error {
	for {
		buffer := (*p.pooled)[:min(int64(len(*p.pooled)), length)]
		n, err := r.Read(buffer[len(p.bytes):])
		p.bytes = buffer[:len(p.bytes)+n]
		arrived := int64(len(p.bytes))
		switch {
		case arrived == length:
			return nil
		case err == io.EOF:
			return io.ErrUnexpectedEOF
		case err != nil:
			return err
		}
		// It has to grow by a good deal, since what is there is moved.
		if held := int64(len(*p.pooled)); held < length && trust*arrived >= min(2*held, length) {
			if err := p.grow(min(trust*arrived, length)); err != nil {
				return err
			}
		}
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
			// One more byte than the limit is what tells that it is too large.
			if err := p.grow(min(2*int64(len(*p.pooled)), limit+1)); err != nil {
				return err
			}
		}
	}
}

// grow moves what has arrived to a buffer of at least size bytes. There is room
// for both while it does.
func (p *Payload) grow(size int64) error {
	size = capacity(size)
	if !p.room.Take(size) {
		return ErrNoRoom
	}
	larger := take(size)
	p.bytes = (*larger)[:copy(*larger, p.bytes)]
	p.giveBuffer()
	p.pooled, p.taken = larger, size
	return nil
}

// giveBuffer gives up the buffer, if there is one, and its room.
func (p *Payload) giveBuffer() {
	if p.pooled != nil {
		give(p.pooled)
	}
	p.room.Give(p.taken)
}

// Bytes is the body. It must not be changed, nor used after Release.
func (p *Payload) Bytes() []byte { return p.bytes }

// SHA256 is the body's digest, computed when it is first asked for.
func (p *Payload) SHA256() [sha256.Size]byte {
	p.hashing.Do(func() { p.sha256 = sha256.Sum256(p.bytes) })
	return p.sha256
}

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
	if p.holders.Add(-1) == 0 {
		p.giveBuffer()
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

// WriteTo writes what is left straight out of the buffer. It does not hold the
// lock meanwhile, since Close must not have to wait for a write, but the buffer.
func (r *reader) WriteTo(w io.Writer) (int64, error) {
	rest, letGo, err := r.lend()
	if err != nil {
		return 0, err
	}
	defer letGo()
	n, err := w.Write(rest)
	return int64(n), err
}

// lend hands out what is left, for good, and keeps the buffer alive until it is
// let go.
func (r *reader) lend() (rest []byte, letGo func(), err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.payload == nil {
		return nil, nil, errClosed
	}
	r.payload.holders.Add(1)
	rest, r.rest = r.rest, nil
	return rest, r.payload.letGo, nil
}

// Len is how much is left, in bytes.
func (r *reader) Len() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.rest)
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

// capacity is how large a buffer for size bytes is.
func capacity(size int64) int64 {
	if at := class(size); at < len(pools) {
		return 1 << (at + smallestBits)
	}
	return size
}

// take returns a buffer of size bytes, which is a capacity.
func take(size int64) *[]byte {
	if at := class(size); at < len(pools) {
		if buffer, ok := pools[at].Get().(*[]byte); ok {
			return buffer
		}
	}
	buffer := make([]byte, size)
	return &buffer
}

func give(buffer *[]byte) {
	if at := class(int64(len(*buffer))); at < len(pools) && len(*buffer) == 1<<(at+smallestBits) {
		pools[at].Put(buffer)
	}
}
