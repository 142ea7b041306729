package admin

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"tollgate"
)

// A revocation fails closed: the keyring has it before the register is asked,
// and keeps it when the register cannot be written. Then whoever revoked is
// told so, and the register is tried again until it has it.

// revocation is one that is in force and not in the register yet.
type revocation struct {
	at     time.Time
	caller Caller
}

// retryEvery is how long the register is left alone between two tries.
const retryEvery = 5 * time.Second

// RevokeKey ends a key at once. To revoke it again changes nothing.
func (s *Service) RevokeKey(ctx context.Context, caller Caller, id string) (tollgate.Key, error) {
	if err := s.authorize(caller, revokeKey); err != nil {
		return tollgate.Key{}, err
	}
	id = bareID(id)
	at := s.now()
	closed := s.keyring.Revoke(func(key tollgate.Key) bool { return key.ID == id }, at)
	s.keys.Lock()
	defer s.keys.Unlock()
	key, err := s.changeKey(context.WithoutCancel(ctx), id, func(key *tollgate.Key) error { revokeAt(key, at); return nil })
	if err != nil {
		return tollgate.Key{}, s.notRevoked(ctx, caller, id, closed, err)
	}
	return key, s.noted(ctx, caller, revokeKey, id, nil)
}

// revokeAt ends a key that has not ended before.
func revokeAt(key *tollgate.Key, at time.Time) {
	if key.RevokedAt.IsZero() {
		key.RevokedAt = at
	}
}

// notRevoked is what the administrator is told: the register's refusal, or
// that its fault leaves the key closed for the time being.
func (s *Service) notRevoked(ctx context.Context, caller Caller, id string, closed []tollgate.Key, err error) error {
	_, waits := s.unstored[id]
	if isRefusal(err) || len(closed) == 0 && !waits {
		return err
	}
	s.keepClosed(ctx, caller, closed)
	return tollgate.Errorf(tollgate.Internal,
		"key %s opens nothing on this gateway any more, but that is not stored: %s; a restart could open it again: repeat this until it is done",
		id, tollgate.AsError(err).Message).Because(err)
}

// isRefusal tells an answer of the register from a fault of it.
func isRefusal(err error) bool { return tollgate.AsError(err).Kind != tollgate.Internal }

// keepClosed remembers what the register has yet to be told. The service tries
// that by itself too: nobody is bound to repeat a command.
func (s *Service) keepClosed(ctx context.Context, caller Caller, closed []tollgate.Key) {
	for _, key := range closed {
		s.unstored[key.ID] = revocation{at: key.RevokedAt, caller: caller}
		s.log.WarnContext(ctx, "a key is closed on this gateway, and that is not stored yet; it is tried again",
			"action", revokeKey.name, "object", key.ID, "admin", caller.Name)
	}
	s.tryLater()
}

// tryLater sets the timer if there is anything to try.
func (s *Service) tryLater() {
	if s.retry != nil {
		s.retry.Stop()
	}
	if len(s.unstored) > 0 && !s.closed {
		s.retry = time.AfterFunc(retryEvery, s.tryAgain)
	}
}

func (s *Service) tryAgain() {
	s.keys.Lock()
	defer s.keys.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), retryEvery)
	defer cancel()
	_ = s.storeRevocations(ctx) // the administrator knows, and so does the log
	s.tryLater()
}

// storeRevocations tells the register what it does not know, up to its first
// fault. Whoever calls it holds keys. The error names what is left.
func (s *Service) storeRevocations(ctx context.Context) error {
	for _, id := range slices.Sorted(maps.Keys(s.unstored)) {
		caller := s.unstored[id].caller
		_, err := s.changeKey(ctx, id, func(*tollgate.Key) error { return nil })
		if err != nil && !isRefusal(err) {
			return tollgate.Errorf(tollgate.Internal, "keys that were revoked are not stored as revoked, and may open again in the next process: %s; revoke them there once more",
				strings.Join(slices.Sorted(maps.Keys(s.unstored)), ", ")).Because(err)
		}
		delete(s.unstored, id)
		_ = s.noted(ctx, caller, revokeKey, id, err)
	}
	return nil
}

// StoreRevocations tries at once to store revocations that are not, until ctx
// ends. The error names the keys that are left.
func (s *Service) StoreRevocations(ctx context.Context) error {
	s.keys.Lock()
	defer s.keys.Unlock()
	return s.storeRevocations(ctx)
}

// Close is StoreRevocations for the last time. Nothing is tried again after it.
func (s *Service) Close(ctx context.Context) error {
	s.budgets.close()
	s.limits.close()
	s.keys.Lock()
	defer s.keys.Unlock()
	s.closed = true
	defer s.tryLater() // stops the timer
	return s.storeRevocations(ctx)
}
