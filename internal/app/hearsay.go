package app

import (
	"errors"
	"net/http"
	"sync"

	"tollgate"
	"tollgate/internal/identity"
)

// hearsay identifies with the keys in memory. While another process may make
// keys, whoever presents one that opens nothing waits until they have been read
// again: it may be a moment old.
type hearsay struct {
	keys *identity.Directory

	mu   sync.Mutex
	read chan struct{} // closed after the next reading; nil while no other process makes keys
}

// Identify is that of the keys, at most one rereadEvery late.
func (h *hearsay) Identify(header http.Header) (tollgate.Principal, error) {
	who, err := h.keys.Identify(header)
	if !errors.Is(err, identity.ErrBadKey) {
		return who, err
	}
	read := h.next()
	if read == nil {
		return who, err
	}
	<-read
	return h.keys.Identify(header)
}

func (h *hearsay) next() <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.read
}

// expect replaces what is waited for, by nil after the last reading, and
// returns what was. Who comes while the keys are being read waits for the
// reading after that.
func (h *hearsay) expect(read chan struct{}) (before chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	before, h.read = h.read, read
	return before
}
