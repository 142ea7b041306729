package admin

import (
	"net/http"

	"tollgate/api"
)

func (f *face) listTeams(r *http.Request, caller Caller) (any, error) {
	if _, err := query(r); err != nil {
		return nil, err
	}
	teams, err := f.service.Teams(r.Context(), caller)
	return page(teams, wireTeam), err
}

func (f *face) createTeam(r *http.Request, caller Caller) (any, error) {
	input, err := decode[api.NewTeam](r.Body)
	if err != nil {
		return nil, err
	}
	team, err := f.service.CreateTeam(r.Context(), caller, input)
	return wireTeam(team), err
}

func (f *face) showTeam(r *http.Request, caller Caller) (any, error) {
	team, err := f.service.Team(r.Context(), caller, r.PathValue("name"))
	return wireTeam(team), err
}

func (f *face) removeTeam(r *http.Request, caller Caller) (any, error) {
	return nil, f.service.RemoveTeam(r.Context(), caller, r.PathValue("name"))
}
