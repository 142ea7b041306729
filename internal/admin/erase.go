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
	ctx, email = context.WithoutCancel(ctx), canonicalEmail(email)
	at := s.now()
	s.keys.Lock()
	defer s.keys.Unlock()
	person, err = s.register.EraseDeveloper(ctx, email, at)
	if person == "" {
		return "", err
	}
	for _, key := range s.keyring.Revoke(func(key tollgate.Key) bool { return key.Developer == email }, at) {
		delete(s.unstored, key.ID)
		key.Developer, key.Label = person, ""
		s.keyring.Put(key)
	}
	if s.bodies != nil {
		s.bodies.Forget()
	}
	s.ledger.CatchUp(ctx)
	s.ledger.Renew()
	err = errors.Join(err, s.budgets.changed(ctx, "the person is erased"), s.limits.changed(ctx, "the person is erased"))
	return person, s.noted(ctx, caller, eraseDeveloper, person, err)
}

func (f *face) eraseDeveloper(r *http.Request, caller Caller) (any, error) {
	person, err := f.service.EraseDeveloper(r.Context(), caller, r.PathValue("email"))
	return api.Erasure{Person: person}, err
}
