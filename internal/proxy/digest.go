package proxy

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"sync"

	"github.com/zeebo/blake3"

	"tollgate/internal/payload"
	"tollgate/internal/upstream"
)

// scheme is one way to take a digest. A stored digest names its scheme, so
// that which one is used may change. docs/design/digest.md has the figures.
type scheme struct {
	name   string
	states sync.Pool
}

var (
	// requestScheme takes half the time of SHA-256 for a body of 100 KB.
	requestScheme = scheme{name: "blake3:", states: sync.Pool{New: func() any { return blake3.New() }}}
	// answerScheme has a state of a hundred bytes where BLAKE3's has ten
	// thousand, and an open stream holds it for as long as it lasts. An answer
	// is short enough for the time not to matter.
	answerScheme = scheme{name: "sha256:", states: sync.Pool{New: func() any { return sha256.New() }}}
)

// digest is taken of bytes that come in pieces.
type digest struct {
	scheme *scheme
	state  hash.Hash
}

func (s *scheme) begin() digest { return digest{s, s.states.Get().(hash.Hash)} }

// Write never fails.
func (d digest) Write(p []byte) (int, error) { return d.state.Write(p) }

// close returns the digest as the ledger keeps it; d must not be used after.
func (d digest) close() string {
	var sum [32]byte
	text := d.scheme.name + hex.EncodeToString(d.state.Sum(sum[:0]))
	d.state.Reset()
	d.scheme.states.Put(d.state)
	return text
}

// forwardedDigest is the digest of a body that was edited. Where it is signed,
// the digest that the signature needs is the one that is kept, so that one is
// enough.
func forwardedDigest(to *upstream.Upstream, body *payload.Payload) string {
	if !to.Signs() {
		return requestDigest(body.Bytes())
	}
	sum := body.SHA256()
	return answerScheme.name + hex.EncodeToString(sum[:])
}

// requestDigest is the digest of a request body that is there whole.
func requestDigest(body []byte) string {
	d := requestScheme.begin()
	_, _ = d.Write(body) // never fails
	return d.close()
}
