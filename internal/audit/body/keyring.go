package body

import (
	"context"
	"sync"
	"time"

	"filippo.io/age"

	"tollgate"
)

// keyring remembers the public keys of people. The private ones are nowhere.
type keyring struct {
	mu     sync.Mutex
	digest string // of the recipients that the keys are wrapped for
	known  map[string]sealingKey
}

type sealingKey struct {
	person string
	to     age.Recipient
}

// keysKept bounds the memory of keys, at about 300 bytes each.
const keysKept = 16384

// of returns the key of whoever asked, and makes it if there is none for these
// recipients.
func (k *keyring) of(ctx context.Context, register Register, who tollgate.Principal, set *setting, now time.Time) (person string, to age.Recipient, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.digest != set.digest || len(k.known) >= keysKept {
		k.digest, k.known = set.digest, map[string]sealingKey{}
	}
	name := subject(who)
	if key, known := k.known[name]; known {
		return key.person, key.to, nil
	}
	if person = name; who.Developer != "" {
		if person, err = register.Person(ctx, who.Developer); err != nil {
			return "", nil, err
		}
	}
	if to, err = keyOf(ctx, register, person, set, now); err == nil {
		k.known[name] = sealingKey{person, to}
	}
	return person, to, err
}

func (k *keyring) clear() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.known = nil
	k.digest = ""
}

// subject is whose bodies they are: the developer, or a service.
func subject(who tollgate.Principal) string {
	if who.Developer != "" {
		return who.Developer
	}
	return ServicePrefix + who.Service
}

// ServicePrefix stands before the name of a service where a person's pseudonym
// would stand.
const ServicePrefix = "service:"

func keyOf(ctx context.Context, register Register, person string, set *setting, now time.Time) (age.Recipient, error) {
	keys, err := register.PersonKeys(ctx, person)
	if err != nil {
		return nil, err
	}
	for _, key := range keys {
		if key.Recipients == set.digest {
			return age.ParseX25519Recipient(key.Public)
		}
	}
	key, err := NewPersonKey(person, set.recipients, set.digest, now)
	if err != nil {
		return nil, err
	}
	if err := register.AddPersonKey(ctx, key); err != nil {
		return nil, err
	}
	return age.ParseX25519Recipient(key.Public)
}
