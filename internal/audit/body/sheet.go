package body

import (
	"sync"
	"sync/atomic"

	"tollgate"
)

// chunkBytes is the piece in which bodies take memory.
const chunkBytes = 16 << 10

type chunk [chunkBytes]byte

var chunks = sync.Pool{New: func() any { return new(chunk) }}

// sheet is one body on its way to the disk. It belongs to the request until it
// is handed in, and then to whoever seals it.
type sheet struct {
	part   tollgate.BodyPart
	digest string
	form   string
	begun  bool
	fate   tollgate.BodyFate // of a body that is not handed in: why
	chunks []*chunk
	bytes  int64

	// told is set when the record has been given what became of it, failed when
	// it could not be stored before that; whoever comes first has said it.
	outcome atomic.Pointer[tollgate.BodyFate]
}

// recorded stands for a body whose record says that it is sealed.
var recorded = tollgate.BodySealed

// write copies p, if there is room for it.
func (s *sheet) write(v *Vault, set *setting, p []byte) {
	s.begun = true
	if s.fate != "" || len(p) == 0 {
		return
	}
	if s.bytes+int64(len(p)) > set.maxBytes {
		s.drop(v, tollgate.BodyTooLarge)
		return
	}
	for len(p) > 0 {
		at := int(s.bytes % chunkBytes)
		if at == 0 && !s.grow(v) {
			s.drop(v, tollgate.BodyNoRoom)
			return
		}
		n := copy(s.chunks[len(s.chunks)-1][at:], p)
		s.bytes += int64(n)
		p = p[n:]
	}
}

func (s *sheet) grow(v *Vault) bool {
	if !v.memory.Take(chunkBytes) {
		return false
	}
	s.chunks = append(s.chunks, chunks.Get().(*chunk))
	return true
}

// drop gives the body up.
func (s *sheet) drop(v *Vault, why tollgate.BodyFate) {
	s.fate = why
	s.release(v)
	v.count(s.part, why)
}

func (s *sheet) release(v *Vault) {
	for _, c := range s.chunks {
		chunks.Put(c)
	}
	v.memory.Give(int64(len(s.chunks)) * chunkBytes)
	s.chunks = nil
}

// appendTo joins the pieces.
func (s *sheet) appendTo(text []byte) []byte {
	left := s.bytes
	for _, c := range s.chunks {
		n := min(left, chunkBytes)
		text = append(text, c[:n]...)
		left -= n
	}
	return text
}
