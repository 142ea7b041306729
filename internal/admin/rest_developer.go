package admin

import (
	"net/http"

	"tollgate/api"
)

func (f *face) listDevelopers(r *http.Request, caller Caller) (any, error) {
	values, err := query(r, "team")
	if err != nil {
		return nil, err
	}
	developers, err := f.service.Developers(r.Context(), caller, values.Get("team"))
	return page(developers, wireDeveloper), err
}

func (f *face) createDeveloper(r *http.Request, caller Caller) (any, error) {
	input, err := decode[api.NewDeveloper](r.Body)
	if err != nil {
		return nil, err
	}
	developer, err := f.service.CreateDeveloper(r.Context(), caller, input)
	return wireDeveloper(developer), err
}

func (f *face) showDeveloper(r *http.Request, caller Caller) (any, error) {
	developer, err := f.service.Developer(r.Context(), caller, r.PathValue("email"))
	return wireDeveloper(developer), err
}

// removeDeveloper answers with the keys that were revoked.
func (f *face) removeDeveloper(r *http.Request, caller Caller) (any, error) {
	revoked, err := f.service.RemoveDeveloper(r.Context(), caller, r.PathValue("email"))
	return page(revoked, wireKey), err
}
