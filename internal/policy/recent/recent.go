// Package recent remembers what requests have lately consumed, so that the
// gates can tell before a request is sent what it is likely to cost. It looks
// at the session first, then at the key, then at everybody who uses the model.
//
// It answers with a high quantile, which covers the large requests among small
// ones; the mean of a dear turn and nine titles covers nothing. It keeps no
// names, only hashes of them under a seed of its own, in a bounded number of
// windows: what a client calls itself can neither fill the memory nor meet
// another's samples on purpose. Nothing of it is written anywhere: after a
// restart it learns anew.
package recent

import (
	"hash/maphash"
	"net/http"
	"sync"

	"tollgate"
)

// Sample is what one request consumed, or is expected to.
type Sample struct {
	Cost   tollgate.Money
	Input  int64 // tokens of uncached input, cache writes included
	Output int64 // tokens
}

// SampleOf is what a request consumed that came to its end. What was refused,
// failed or was cut is no example of what another will consume.
func SampleOf(x *tollgate.Exchange) (s Sample, ended bool) {
	if x.Status != http.StatusOK || x.Operation != tollgate.Messages || x.Cost <= 0 || x.Error != "" {
		return Sample{}, false
	}
	tokens := x.Usage.Tokens
	return Sample{x.Cost, tokens.Input + tokens.CacheWrite5m + tokens.CacheWrite1h, tokens.Output}, true
}

// Memory is safe for concurrent use.
type Memory struct {
	person, model maphash.Seed

	mu                       sync.Mutex
	sessions, keys, everyone level
}

// New is a memory that knows nothing yet. It grows to some 40 MB at most.
func New() *Memory {
	return &Memory{
		person:   maphash.MakeSeed(),
		model:    maphash.MakeSeed(),
		sessions: newLevel(16<<10, 16),
		keys:     newLevel(32<<10, 32),
		everyone: newLevel(1<<10, 64),
	}
}

// Expect is what a request for the model is likely to consume at most, each
// figure for itself. It is false while nothing like it has been seen often
// enough. Of an empty session or key nothing is known.
func (m *Memory) Expect(session, key, model string) (Sample, bool) {
	at := m.locate(session, key, model)
	m.mu.Lock()
	defer m.mu.Unlock()
	if known, ok := m.sessions.expect(at.session); ok {
		return known, true
	}
	if known, ok := m.keys.expect(at.key); ok {
		return known, true
	}
	return m.everyone.expect(at.model)
}

// Learn adds what a request has consumed. One that consumed nothing teaches
// nothing: a provider that fails for a while must not make the next request
// look free.
func (m *Memory) Learn(session, key, model string, s Sample) {
	if s.Cost <= 0 && s.Input <= 0 && s.Output <= 0 {
		return
	}
	at := m.locate(session, key, model)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sessions.learn(at.session, s)
	m.keys.learn(at.key, s)
	m.everyone.learn(at.model, s)
}

// place is where a request stands in the three levels; 0 is nowhere.
type place struct{ session, key, model uint64 }

// locate hashes the names. A session belongs to its key: two callers that name
// theirs alike do not share it.
func (m *Memory) locate(session, key, model string) place {
	at := place{model: maphash.String(m.model, model) | 1}
	if key != "" {
		at.key = mix(at.model, maphash.String(m.person, key))
	}
	if session != "" {
		at.session = mix(mix(at.model, maphash.String(m.person, key)), maphash.String(m.person, session))
	}
	return at
}

// mix makes one hash of two, in this order.
func mix(a, b uint64) uint64 { return (a*0x9e3779b97f4a7c15 ^ b) | 1 }
