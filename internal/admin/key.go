package admin

import (
	"context"
	"slices"
	"strings"
	"time"

	"tollgate"
	"tollgate/api"
	"tollgate/internal/secret"
)

// IssuedKey is a key in the one moment when its secret is known.
type IssuedKey struct {
	tollgate.Key
	Whole secret.String // in the key's style, as the developer will present it
}

// CreateKey issues a key to a developer, or to a service account, which comes
// into being with its first key.
func (s *Service) CreateKey(ctx context.Context, caller Caller, input api.NewKey) (IssuedKey, error) {
	if err := s.authorize(caller, createKey); err != nil {
		return IssuedKey{}, err
	}
	key, err := s.draftKey(input)
	if err != nil {
		return IssuedKey{}, err
	}
	whole := tollgate.NewKeyString(key.ID)
	key.Secrets = []tollgate.KeySecret{{Hash: s.keyring.Hash(whole)}}
	key, err = s.addKey(ctx, key)
	return issue(key, whole), s.noted(ctx, caller, createKey, key.ID, err)
}

func issue(key tollgate.Key, whole string) IssuedKey {
	return IssuedKey{Key: key, Whole: secret.New(key.Style.Write(whole))}
}

// draftKey is the key that is asked for, checked, without a secret. Whether its
// owner and its team exist is for the register to say, which also fills in the
// owner's team where none is named.
func (s *Service) draftKey(input api.NewKey) (tollgate.Key, error) {
	key := tollgate.Key{
		ID: tollgate.NewKeyID(), Developer: canonicalEmail(input.Developer), Service: input.Service, Team: input.Team,
		Label: input.Label, Models: input.Models, CreatedAt: s.now(),
	}
	err := firstError(
		func() error { return checkOwner(key) },
		func() error { return checkText("a label", key.Label) },
		func() (err error) { key.Style, err = tollgate.ParseKeyStyle(input.Style); return err },
		func() error { return checkGlobs(key.Models) },
		func() (err error) { key.ExpiresAt, err = s.expiry(input.ExpiresAt); return err },
	)
	return key, err
}

func checkOwner(key tollgate.Key) error {
	if (key.Developer == "") == (key.Service == "") {
		return tollgate.Errorf(tollgate.Invalid, "a key belongs either to a developer or to a service; name exactly one of them")
	}
	if strings.Contains(key.Service, "@") {
		return tollgate.Errorf(tollgate.Invalid, "%q looks like an email address, and a service must not be taken for a developer; name the developer, or call the service something else", key.Service)
	}
	if key.Service == tollgate.Subscription {
		return tollgate.Errorf(tollgate.Invalid, "the service %q is the one that developers' own subscriptions are counted under, and has no key; call yours something else", key.Service)
	}
	if key.Service != "" {
		return checkName("a service", key.Service)
	}
	return nil
}

// expiry is when the key stops working; the zero time when text is empty.
func (s *Service) expiry(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	now := s.now()
	at, err := parseTime(text, now, s.zone, forward)
	if err == nil && !at.After(now) {
		err = tollgate.Errorf(tollgate.Invalid, "the key would have expired at %s, before it was made; name a later time", at.UTC().Format(time.RFC3339))
	}
	return at, err
}

// addKey makes the key durable and puts it before the data plane.
func (s *Service) addKey(ctx context.Context, key tollgate.Key) (tollgate.Key, error) {
	ctx = context.WithoutCancel(ctx)
	s.keys.Lock()
	defer s.keys.Unlock()
	stored, err := s.register.CreateKey(ctx, key)
	if err != nil {
		return tollgate.Key{}, err
	}
	s.keyring.Put(stored)
	return stored, nil
}

// Key looks one key up by its public id.
func (s *Service) Key(ctx context.Context, caller Caller, id string) (tollgate.Key, error) {
	if err := s.authorize(caller, readKey); err != nil {
		return tollgate.Key{}, err
	}
	key, err := s.register.Key(ctx, bareID(id))
	return s.asOfNow(key), err
}

// bareID is the public id in what may be a whole key in any style: whoever
// finds a leaked key can revoke it by what was found, and no error repeats the
// secret.
func bareID(text string) string {
	key := text[strings.LastIndexByte(text, '.')+1:]
	id, _, _ := strings.Cut(strings.TrimPrefix(key, "tgk_"), "_")
	return id
}

// Keys lists the keys that the filter lets through, revoked ones included.
// Where that is none because of a name that is not there, it is NotFound.
func (s *Service) Keys(ctx context.Context, caller Caller, filter tollgate.KeyFilter) ([]tollgate.Key, error) {
	if err := s.authorize(caller, readKey); err != nil {
		return nil, err
	}
	filter.Developer = canonicalEmail(filter.Developer)
	keys, err := s.register.Keys(ctx, filter)
	if err == nil && len(keys) == 0 {
		return nil, s.checkFilter(ctx, filter)
	}
	for i := range keys {
		keys[i] = s.asOfNow(keys[i])
	}
	return keys, err
}

// checkFilter refuses names that are not there. Keys outlive their developer
// and their team, so it is only asked when there are none.
func (s *Service) checkFilter(ctx context.Context, filter tollgate.KeyFilter) error {
	named := func(name string, look func() error) func() error {
		if name == "" {
			return func() error { return nil }
		}
		return look
	}
	return firstError(
		named(filter.Developer, func() error { _, err := s.register.Developer(ctx, filter.Developer); return err }),
		named(filter.Service, func() error { _, err := s.register.Service(ctx, filter.Service); return err }),
		named(filter.Team, func() error { _, err := s.register.Team(ctx, filter.Team); return err }),
	)
}

// asOfNow adds the last use that the register does not know yet, and leaves
// out secrets that have run out.
func (s *Service) asOfNow(key tollgate.Key) tollgate.Key {
	if used := s.keyring.LastUsed(key.ID); used.After(key.LastUsedAt) {
		key.LastUsedAt = used
	}
	now := s.now()
	key.Secrets = slices.DeleteFunc(slices.Clone(key.Secrets), func(secret tollgate.KeySecret) bool {
		return !secret.ExpiresAt.IsZero() && !now.Before(secret.ExpiresAt)
	})
	return key
}
