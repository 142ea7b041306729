package observe

import (
	"maps"
	"sync"
	"sync/atomic"
)

// cache keeps what belongs to a key. Reading takes no lock and allocates
// nothing; what is new is copied in. Nothing leaves it: whoever uses it bounds
// the keys. The zero cache is empty.
type cache[K comparable, V any] struct {
	known  atomic.Pointer[map[K]V]
	making sync.Mutex
}

// get returns the value of a key, and false where there is none yet.
func (c *cache[K, V]) get(key K) (value V, ok bool) {
	if known := c.known.Load(); known != nil {
		value, ok = (*known)[key]
	}
	return value, ok
}

// make returns the value of a key, made by new if it is not there.
func (c *cache[K, V]) make(key K, new func() V) V {
	c.making.Lock()
	defer c.making.Unlock()
	if value, ok := c.get(key); ok {
		return value
	}
	next := map[K]V{}
	if known := c.known.Load(); known != nil {
		next = maps.Clone(*known)
	}
	value := new()
	next[key] = value
	c.known.Store(&next)
	return value
}

// all is everything there is. It must not be changed.
func (c *cache[K, V]) all() map[K]V {
	if known := c.known.Load(); known != nil {
		return *known
	}
	return nil
}
