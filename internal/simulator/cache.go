package simulator

import (
	"sync"
	"time"
)

// A prompt cache in the provider's manner: a prefix that ends at a mark is
// kept for the mark's lifetime, each reading renews it, and nobody reads what
// another credential or model has written.
const (
	minCached  = 1024 // tokens; a shorter prefix is not cached
	maxEntries = 4096
)

type cacheKey struct {
	credential string
	model      string
	prefix     [32]byte
}

type cacheEntry struct {
	lifetime time.Duration
	expires  time.Time
}

type promptCache struct {
	mu      sync.Mutex
	entries map[cacheKey]cacheEntry
}

// prompt is what one prompt cost to read, in tokens by class.
type prompt struct {
	input, read, write5m, write1h int64
}

func (p prompt) total() int64 { return p.input + p.read + p.write5m + p.write1h }

// use reads the longest prefix that is cached and writes those marked beyond it.
func (p *promptCache) use(credential, model string, pieces []segment, now time.Time) prompt {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.entries == nil {
		p.entries = map[cacheKey]cacheEntry{}
	}
	key := func(i int) cacheKey { return cacheKey{credential, model, pieces[i].prefix} }
	known := p.longest(key, pieces, now)

	var cost prompt
	var sum, pending int64
	for i, piece := range pieces {
		sum += piece.tokens
		if i <= known {
			cost.read += piece.tokens
			continue
		}
		pending += piece.tokens
		if piece.mark == nil || sum < minCached {
			continue
		}
		p.write(key(i), piece.mark, &cost, pending, now)
		pending = 0
	}
	cost.input = pending
	return cost
}

// longest is the index of the last piece of the longest live prefix at or
// before the last mark, or -1; the prefix is renewed.
func (p *promptCache) longest(key func(int) cacheKey, pieces []segment, now time.Time) int {
	marked := false
	for i := len(pieces) - 1; i >= 0; i-- {
		marked = marked || pieces[i].mark != nil
		entry, ok := p.entries[key(i)]
		if marked && ok && now.Before(entry.expires) {
			entry.expires = now.Add(entry.lifetime)
			p.entries[key(i)] = entry
			return i
		}
	}
	return -1
}

func (p *promptCache) write(key cacheKey, mark *cacheControl, cost *prompt, tokens int64, now time.Time) {
	lifetime := 5 * time.Minute
	if mark.TTL == "1h" {
		lifetime = time.Hour
		cost.write1h += tokens
	} else {
		cost.write5m += tokens
	}
	if len(p.entries) >= maxEntries {
		p.evict(now)
	}
	p.entries[key] = cacheEntry{lifetime: lifetime, expires: now.Add(lifetime)}
}

// evict drops what has expired, and if that is nothing, whatever comes first.
func (p *promptCache) evict(now time.Time) {
	for key, entry := range p.entries {
		if !now.Before(entry.expires) {
			delete(p.entries, key)
		}
	}
	for key := range p.entries {
		if len(p.entries) < maxEntries {
			return
		}
		delete(p.entries, key)
	}
}
