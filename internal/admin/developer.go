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
// returns. What they used stays in the ledger.
func (s *Service) RemoveDeveloper(ctx context.Context, caller Caller, email string) ([]tollgate.Key, error) {
	if err := s.authorize(caller, removeDeveloper); err != nil {
		return nil, err
	}
	s.keys.Lock()
	defer s.keys.Unlock()
	email = canonicalEmail(email)
	revoked, err := s.register.RemoveDeveloper(context.WithoutCancel(ctx), email, s.now())
	for i, key := range revoked {
		s.keyring.Put(key)
		revoked[i] = s.asOfNow(key)
	}
	return revoked, s.noted(ctx, caller, removeDeveloper, email, err)
}
