package admin

import (
	"net/http"

	"tollgate"
	"tollgate/api"
)

func (f *face) listKeys(r *http.Request, caller Caller) (any, error) {
	values, err := query(r, "developer", "service", "team")
	if err != nil {
		return nil, err
	}
	filter := tollgate.KeyFilter{Developer: values.Get("developer"), Service: values.Get("service"), Team: values.Get("team")}
	keys, err := f.service.Keys(r.Context(), caller, filter)
	return page(keys, wireKey), err
}

func (f *face) createKey(r *http.Request, caller Caller) (any, error) {
	input, err := decode[api.NewKey](r.Body)
	if err != nil {
		return nil, err
	}
	issued, err := f.service.CreateKey(r.Context(), caller, input)
	return wireIssuedKey(issued), err
}

func (f *face) showKey(r *http.Request, caller Caller) (any, error) {
	key, err := f.service.Key(r.Context(), caller, r.PathValue("id"))
	return wireKey(key), err
}

func (f *face) rotateKey(r *http.Request, caller Caller) (any, error) {
	input, err := decode[api.KeyRotation](r.Body)
	if err != nil {
		return nil, err
	}
	issued, err := f.service.RotateKey(r.Context(), caller, r.PathValue("id"), input.Grace)
	return wireIssuedKey(issued), err
}

func (f *face) revokeKey(r *http.Request, caller Caller) (any, error) {
	key, err := f.service.RevokeKey(r.Context(), caller, r.PathValue("id"))
	return wireKey(key), err
}
