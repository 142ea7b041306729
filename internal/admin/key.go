package admin

import (
	"context"
	"time"

	"tollgate"
	"tollgate/api"
	"tollgate/internal/secret"
)

// IssuedKey is a key in the one moment when its secret is known.
type IssuedKey struct {
	tollgate.Key
	Whole secret.String // "tgk_…", as the developer will present it
}

// CreateKey issues a key to a developer, or to a service account, which comes
// into being with its first key.
func (s *Service) CreateKey(ctx context.Context, caller Caller, input api.NewKey) (IssuedKey, error) {
	if err := s.authorize(caller, createKey); err != nil {
		return IssuedKey{}, err
	}
	key, err := s.draftKey(ctx, input)
	if err != nil {
		return IssuedKey{}, err
	}
	whole := tollgate.NewKeyString(key.ID)
	key.Secrets = []tollgate.KeySecret{{Hash: s.keyring.Hash(whole)}}
	key, err = s.addKey(ctx, key)
	return IssuedKey{Key: key, Whole: secret.New(whole)}, err
}

// draftKey is the key that is asked for, checked, without a secret.
func (s *Service) draftKey(ctx context.Context, input api.NewKey) (tollgate.Key, error) {
	key := tollgate.Key{
		ID: tollgate.NewKeyID(), Service: input.Service, Team: input.Team,
		Label: input.Label, Models: input.Models, CreatedAt: s.now(),
	}
	err := firstError(
		func() error { return checkText("a label", input.Label) },
		func() error { return checkGlobs(input.Models) },
		func() (err error) { key.ExpiresAt, err = s.expiry(input.ExpiresAt); return err },
		func() error { return s.assignOwner(ctx, &key, input) },
	)
	return key, err
}

// assignOwner sets the developer or checks the service, and finds the team: the one
// named, or the owner's.
func (s *Service) assignOwner(ctx context.Context, key *tollgate.Key, input api.NewKey) error {
	if (input.Developer == "") == (input.Service == "") {
		return tollgate.Errorf(tollgate.Invalid, "a key belongs either to a developer or to a service; name exactly one of them")
	}
	if key.Team != "" {
		if _, err := s.register.Team(ctx, key.Team); err != nil {
			return err
		}
	}
	if input.Service != "" {
		return checkName("a service", input.Service) // the register fills in the service's team
	}
	developer, err := s.register.Developer(ctx, canonicalEmail(input.Developer))
	key.Developer = developer.Email
	if key.Team == "" {
		key.Team = developer.Team
	}
	return err
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
	if err := s.register.CreateKey(ctx, key); err != nil {
		return tollgate.Key{}, err
	}
	stored, err := s.register.Key(ctx, key.ID) // with the team of its service
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
	key, err := s.register.Key(ctx, id)
	return s.withLastUse(key), err
}

// Keys lists the keys that the filter lets through, revoked ones included.
func (s *Service) Keys(ctx context.Context, caller Caller, filter tollgate.KeyFilter) ([]tollgate.Key, error) {
	if err := s.authorize(caller, readKey); err != nil {
		return nil, err
	}
	filter.Developer = canonicalEmail(filter.Developer)
	keys, err := s.register.Keys(ctx, filter)
	for i := range keys {
		keys[i] = s.withLastUse(keys[i])
	}
	return keys, err
}

// withLastUse adds what the register does not know yet.
func (s *Service) withLastUse(key tollgate.Key) tollgate.Key {
	if used := s.keyring.LastUsed(key.ID); used.After(key.LastUsedAt) {
		key.LastUsedAt = used
	}
	return key
}
