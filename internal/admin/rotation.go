package admin

import (
	"cmp"
	"context"
	"time"

	"tollgate"
)

// defaultGrace is how long the old secret still opens after a rotation.
const defaultGrace = "24h"

// RotateKey gives a key a fresh secret under the same id, in the same style. The one it had still
// opens for the grace time, a span such as "24h"; one that was already running
// out is dropped, so that a key never has more than two.
func (s *Service) RotateKey(ctx context.Context, caller Caller, id, grace string) (IssuedKey, error) {
	if err := s.authorize(caller, rotateKey); err != nil {
		return IssuedKey{}, err
	}
	span, err := parseSpan(cmp.Or(grace, defaultGrace))
	if err != nil {
		return IssuedKey{}, err
	}
	id = bareID(id)
	whole, now := tollgate.NewKeyString(id), s.now()
	s.keys.Lock()
	defer s.keys.Unlock()
	key, err := s.changeKey(context.WithoutCancel(ctx), id, func(key *tollgate.Key) error {
		if err := checkLive(*key, now); err != nil {
			return err
		}
		key.Secrets = rotate(key.Secrets, s.keyring.Hash(whole), now.Add(span), now)
		return nil
	})
	if s.noted(ctx, caller, rotateKey, id, err) != nil {
		return IssuedKey{}, err
	}
	return issue(key, whole), nil
}

// rotate returns the fresh secret and, while it has time left, the one it
// takes over from.
func rotate(secrets []tollgate.KeySecret, fresh []byte, until, now time.Time) []tollgate.KeySecret {
	rotated := []tollgate.KeySecret{{Hash: fresh}}
	for _, old := range secrets {
		if old.ExpiresAt.IsZero() && until.After(now) {
			rotated = append(rotated, tollgate.KeySecret{Hash: old.Hash, ExpiresAt: until})
		}
	}
	return rotated
}

// checkLive refuses to work on a key that opens nothing any more.
func checkLive(key tollgate.Key, now time.Time) error {
	switch {
	case !key.RevokedAt.IsZero():
		return tollgate.Errorf(tollgate.Conflict, "key %s is revoked; create a new one", key.ID)
	case !key.ExpiresAt.IsZero() && !now.Before(key.ExpiresAt):
		return tollgate.Errorf(tollgate.Conflict, "key %s has expired; create a new one", key.ID)
	}
	return nil
}

// changeKey changes a key in the register and puts it before the data plane.
// Whoever calls it holds keys, and does not let it stop half-way because
// somebody hangs up.
func (s *Service) changeKey(ctx context.Context, id string, change func(*tollgate.Key) error) (tollgate.Key, error) {
	key, err := s.register.UpdateKey(ctx, id, func(key *tollgate.Key) error {
		if pending, waits := s.unstored[id]; waits {
			revokeAt(key, pending.at)
		}
		return change(key)
	})
	if err != nil {
		return tollgate.Key{}, err
	}
	delete(s.unstored, id)
	s.keyring.Put(key)
	return s.asOfNow(key), nil
}
