// Package identity turns the credential on an incoming request into the
// Principal it stands for.
//
// Every key is held in memory as a keyed hash; checking one touches neither
// the store nor a lock, and compares in constant time. The package never keeps
// a key, and what it says to a stranger never tells which keys exist.
package identity

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"maps"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"tollgate"
)

// Directory knows every key. It may be used by many goroutines at once.
type Directory struct {
	pepper []byte
	now    func() time.Time

	writing sync.Mutex                        // held to replace keys, never to read
	keys    atomic.Pointer[map[string]*entry] // by public id; the map is never changed in place

	usedMu sync.Mutex
	used   map[string]*entry // entries used since TakeUsed was last called
}

// entry is one key. key is read-only; used outlives a change of the key.
type entry struct {
	key  tollgate.Key
	used *lastUse
}

type lastUse struct {
	at     atomic.Int64 // Unix nanoseconds, 0: never in this process
	listed atomic.Bool  // whether it stands in Directory.used
}

// New makes an empty directory. pepper keys the hashes: who has the database
// but not the pepper cannot even test a guess.
func New(pepper []byte, now func() time.Time) *Directory {
	d := &Directory{pepper: pepper, now: now, used: map[string]*entry{}}
	d.keys.Store(&map[string]*entry{})
	return d
}

// Hash is the keyed hash under which a whole key string is kept.
func (d *Directory) Hash(key string) []byte {
	mac := hmac.New(sha256.New, d.pepper)
	mac.Write([]byte(key))
	return mac.Sum(nil)
}

// Load replaces everything the directory knows. What it knows of the keys that
// stay is kept: when they were used, and that they were revoked.
func (d *Directory) Load(keys []tollgate.Key) {
	d.change(func(all map[string]*entry) {
		old := maps.Clone(all)
		clear(all)
		for _, key := range keys {
			all[key.ID] = old[key.ID].next(key)
		}
	})
}

// Put adds a key or replaces the one with its id. Requests that arrive from
// now on see it. A key that was revoked stays revoked, whatever comes later:
// it may be older.
func (d *Directory) Put(key tollgate.Key) {
	d.change(func(all map[string]*entry) {
		all[key.ID] = all[key.ID].next(key)
	})
}

// next is the entry that takes the place of e, which may be nil.
func (e *entry) next(key tollgate.Key) *entry {
	if e == nil {
		return &entry{key: key, used: &lastUse{}}
	}
	key.RevokedAt = cmp.Or(e.key.RevokedAt, key.RevokedAt)
	return &entry{key: key, used: e.used}
}

// Revoke ends every key that is chosen and in force. Requests that arrive from
// now on see it. It returns those keys as they are now.
func (d *Directory) Revoke(chosen func(tollgate.Key) bool, at time.Time) (revoked []tollgate.Key) {
	d.change(func(all map[string]*entry) {
		for id, old := range all {
			if old.key.RevokedAt.IsZero() && chosen(old.key) {
				ended := &entry{key: old.key, used: old.used}
				ended.key.RevokedAt = at
				all[id] = ended
				revoked = append(revoked, ended.key)
			}
		}
	})
	return revoked
}

// Forget lets go of keys that are no more.
func (d *Directory) Forget(ids []string) {
	d.change(func(all map[string]*entry) {
		for _, id := range ids {
			delete(all, id)
		}
	})
}

// Beat returns as long as keys can still be changed.
func (d *Directory) Beat() {
	d.writing.Lock()
	defer d.writing.Unlock()
}

func (d *Directory) change(edit func(map[string]*entry)) {
	d.writing.Lock()
	defer d.writing.Unlock()
	next := maps.Clone(*d.keys.Load())
	edit(next)
	d.keys.Store(&next)
}

// LastUsed is when the key was last used in this process; zero when it was not.
func (d *Directory) LastUsed(id string) time.Time {
	found := (*d.keys.Load())[id]
	if found == nil || found.used.at.Load() == 0 {
		return time.Time{}
	}
	return time.Unix(0, found.used.at.Load()).UTC()
}

// TakeUsed returns the keys used since the last call and when, for the store.
func (d *Directory) TakeUsed() map[string]time.Time {
	d.usedMu.Lock()
	taken := d.used
	d.used = map[string]*entry{}
	d.usedMu.Unlock()

	times := make(map[string]time.Time, len(taken))
	for id, found := range taken {
		found.used.listed.Store(false)
		times[id] = time.Unix(0, found.used.at.Load()).UTC()
	}
	return times
}

// The sentences a stranger can be told. None says which keys exist.
var (
	errNoKey = tollgate.Errorf(tollgate.Unauthenticated,
		"no tollgate key was sent; set ANTHROPIC_AUTH_TOKEN to the key you were given (it begins with tgk_, or has .tgk_ in it)")
	errMistyped = tollgate.Errorf(tollgate.Unauthenticated,
		"the tollgate key is cut or mistyped: its last characters do not match the rest; copy it again, whole")
	errTwoKeys = tollgate.Errorf(tollgate.Unauthenticated,
		"two different tollgate keys were sent, one in Authorization and one in x-api-key; send only one")
)

// ErrBadKey says that the key is none of those in the directory, or no longer.
var ErrBadKey = tollgate.Errorf(tollgate.Unauthenticated,
	"this tollgate key opens nothing: it is wrong, expired or revoked; ask your administrator for a new one")

// Identify finds who presents the credential in header. Errors are
// Unauthenticated.
func (d *Directory) Identify(header http.Header) (tollgate.Principal, error) {
	presented, style, err := Presented(header)
	if err != nil {
		return tollgate.Principal{}, err
	}
	id, ok := tollgate.KeyIDOf(presented)
	if !ok {
		return tollgate.Principal{}, errMistyped
	}
	now := d.now()
	found := (*d.keys.Load())[id]
	hash := d.Hash(presented)
	if !found.opens(hash, now) {
		return tollgate.Principal{}, ErrBadKey
	}
	d.markUsed(id, found, now)
	who := found.key.Principal()
	who.Style = style
	return who, nil
}

// opens says whether the hash is one of the key's own and the key is alive. It
// takes the same time whether there is such a key or not.
func (e *entry) opens(hash []byte, now time.Time) bool {
	if e == nil {
		hmac.Equal(hash, hash)
		return false
	}
	match := false
	for _, secret := range e.key.Secrets {
		alive := secret.ExpiresAt.IsZero() || now.Before(secret.ExpiresAt)
		match = hmac.Equal(hash, secret.Hash) && alive || match
	}
	expired := !e.key.ExpiresAt.IsZero() && !now.Before(e.key.ExpiresAt)
	return match && !expired && e.key.RevokedAt.IsZero()
}

func (d *Directory) markUsed(id string, found *entry, now time.Time) {
	found.used.at.Store(now.UnixNano())
	if found.used.listed.Swap(true) {
		return
	}
	d.usedMu.Lock()
	d.used[id] = found
	d.usedMu.Unlock()
}

// Presented picks the gateway key out of the credentials that a request
// carries, and says in which style it came. Claude Code sends one in
// Authorization, one in x-api-key, or both; with both, the one that is a
// gateway key counts (contract.md 2.1). The same key in two styles is one key.
func Presented(header http.Header) (key string, style tollgate.KeyStyle, err error) {
	for credential := range credentials(header) {
		if !tollgate.LooksLikeKey(credential) {
			continue
		}
		read, as := tollgate.ReadKey(credential)
		if key != "" && read != key {
			return "", "", errTwoKeys
		}
		key, style = read, cmp.Or(as, style)
	}
	if key == "" {
		return "", "", errNoKey
	}
	return key, style, nil
}

// credentials walks every credential in the two headers that may carry one.
func credentials(header http.Header) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for _, line := range header["Authorization"] {
			scheme, token, _ := strings.Cut(line, " ")
			if strings.EqualFold(scheme, "bearer") && !yield(strings.TrimSpace(token)) {
				return
			}
		}
		for _, line := range header["X-Api-Key"] {
			if !yield(strings.TrimSpace(line)) {
				return
			}
		}
	}
}

// Headers are the names of the headers in which a gateway key came.
func Headers(header http.Header) (names []string) {
	for _, name := range []string{"Authorization", "X-Api-Key"} {
		for credential := range credentials(http.Header{name: header[name]}) {
			if tollgate.LooksLikeKey(credential) {
				names = append(names, name)
				break
			}
		}
	}
	return names
}
