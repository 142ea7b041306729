package admin

import (
	"context"

	"tollgate"
	"tollgate/api"
)

// CreateTeam adds a team.
func (s *Service) CreateTeam(ctx context.Context, caller Caller, input api.NewTeam) (tollgate.Team, error) {
	if err := s.authorize(caller, createTeam); err != nil {
		return tollgate.Team{}, err
	}
	if err := checkName("a team", input.Name); err != nil {
		return tollgate.Team{}, err
	}
	team := tollgate.Team{Name: input.Name}
	return team, s.noted(ctx, caller, createTeam, team.Name, s.register.CreateTeam(ctx, team))
}

// Team looks one team up.
func (s *Service) Team(ctx context.Context, caller Caller, name string) (tollgate.Team, error) {
	if err := s.authorize(caller, readTeam); err != nil {
		return tollgate.Team{}, err
	}
	return s.register.Team(ctx, name)
}

// Teams lists all teams.
func (s *Service) Teams(ctx context.Context, caller Caller) ([]tollgate.Team, error) {
	if err := s.authorize(caller, readTeam); err != nil {
		return nil, err
	}
	return s.register.Teams(ctx)
}

// RemoveTeam takes a team away that nobody is in any more.
func (s *Service) RemoveTeam(ctx context.Context, caller Caller, name string) error {
	if err := s.authorize(caller, removeTeam); err != nil {
		return err
	}
	return s.noted(ctx, caller, removeTeam, name, s.register.RemoveTeam(ctx, name, s.now()))
}
