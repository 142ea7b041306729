package admin

import (
	"context"

	"tollgate"
	"tollgate/api"
)

// CreateDeveloper adds a developer.
func (s *Service) CreateDeveloper(ctx context.Context, caller Caller, input api.NewDeveloper) (tollgate.Developer, error) {
	if err := s.authorize(caller, createDeveloper); err != nil {
		return tollgate.Developer{}, err
	}
	email, err := parseEmail(input.Email)
	if err != nil {
		return tollgate.Developer{}, err
	}
	if err := checkText("a developer's name", input.Name); err != nil {
		return tollgate.Developer{}, err
	}
	developer := tollgate.Developer{Email: email, Name: input.Name, Team: input.Team}
	return developer, s.noted(ctx, caller, createDeveloper, email, s.register.CreateDeveloper(ctx, developer))
}

// Developer looks one developer up.
func (s *Service) Developer(ctx context.Context, caller Caller, email string) (tollgate.Developer, error) {
	if err := s.authorize(caller, readDeveloper); err != nil {
		return tollgate.Developer{}, err
	}
	return s.register.Developer(ctx, canonicalEmail(email))
}

// Developers lists the developers of a team, or all of them when team is empty.
// A team that is not there is NotFound.
func (s *Service) Developers(ctx context.Context, caller Caller, team string) ([]tollgate.Developer, error) {
	if err := s.authorize(caller, readDeveloper); err != nil {
		return nil, err
	}
	if team != "" {
		if _, err := s.register.Team(ctx, team); err != nil {
			return nil, err
		}
	}
	return s.register.Developers(ctx, team)
}

// RemoveDeveloper takes a developer away and revokes their keys, which it
// returns. What they used stays in the ledger. The keys are closed even when
// the removal cannot be stored.
func (s *Service) RemoveDeveloper(ctx context.Context, caller Caller, email string) ([]tollgate.Key, error) {
	if err := s.authorize(caller, removeDeveloper); err != nil {
		return nil, err
	}
	email = canonicalEmail(email)
	at := s.now()
	closed := s.keyring.Revoke(func(key tollgate.Key) bool { return key.Developer == email }, at)
	s.keys.Lock()
	defer s.keys.Unlock()
	revoked, err := s.register.RemoveDeveloper(context.WithoutCancel(ctx), email, at)
	if err != nil {
		return nil, s.notRemoved(ctx, caller, email, closed, err)
	}
	for i, key := range revoked {
		delete(s.unstored, key.ID)
		s.keyring.Put(key)
		revoked[i] = s.asOfNow(key)
	}
	return revoked, s.noted(ctx, caller, removeDeveloper, email, nil)
}

// notRemoved is what the administrator is told: the register's refusal, or
// that its fault leaves the keys closed for the time being.
func (s *Service) notRemoved(ctx context.Context, caller Caller, email string, closed []tollgate.Key, err error) error {
	if isRefusal(err) || len(closed) == 0 {
		return err
	}
	s.keepClosed(ctx, caller, closed)
	return tollgate.Errorf(tollgate.Internal,
		"developer %s is not removed: %s; their keys open nothing on this gateway any more, but that is not stored, and a restart could open them again: repeat this until it is done, or until there is no such developer",
		email, tollgate.AsError(err).Message).Because(err)
}
