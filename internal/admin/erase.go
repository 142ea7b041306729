package admin

import (
	"context"
	"errors"
	"net/http"

	"tollgate"
	"tollgate/api"
)

// EraseDeveloper takes a person out of everything that is kept, removed before or
// not, and destroys the keys that their bodies were sealed to. It cannot be undone.
func (s *Service) EraseDeveloper(ctx context.Context, caller Caller, email string) (person string, err error) {
	if err := s.authorize(caller, eraseDeveloper); err != nil {
		return "", err
	}
	ctx = context.WithoutCancel(ctx)
	person, err = s.erase(ctx, canonicalEmail(email))
	if err != nil {
		return "", err
	}
	s.forget()
	s.ledger.CatchUp(ctx)
	err = errors.Join(
		s.budgets.changed(ctx, "the person is erased"), s.limits.changed(ctx, "the person is erased"),
		s.ledger.Overwrite(ctx))
	return person, s.noted(ctx, caller, eraseDeveloper, person, err)
}

// erase closes the person's keys as soon as they are nobody's.
func (s *Service) erase(ctx context.Context, email string) (person string, err error) {
	at := s.now()
	s.keys.Lock()
	defer s.keys.Unlock()
	if person, err = s.register.EraseDeveloper(ctx, email, at); err != nil {
		return "", err
	}
	for _, key := range s.keyring.Revoke(func(key tollgate.Key) bool { return key.Developer == email }, at) {
		delete(s.unstored, key.ID)
		key.Developer, key.Label = person, ""
		s.keyring.Put(key)
	}
	return person, nil
}

// forget lets go of what is remembered of whose bodies may be sealed and removed.
func (s *Service) forget() {
	if s.bodies != nil {
		s.bodies.Forget()
	}
}

func (f *face) eraseDeveloper(r *http.Request, caller Caller) (any, error) {
	person, err := f.service.EraseDeveloper(r.Context(), caller, r.PathValue("email"))
	return api.Erasure{Person: person}, err
}
