package admin

import (
	"net/http"

	"tollgate/api"
)

func (f *face) listLimits(r *http.Request, caller Caller) (any, error) {
	if _, err := query(r); err != nil {
		return nil, err
	}
	limits, err := f.service.Limits(r.Context(), caller)
	return page(limits, wireLimit), err
}

func (f *face) setLimit(r *http.Request, caller Caller) (any, error) {
	input, err := decode[api.NewLimit](r.Body)
	if err != nil {
		return nil, err
	}
	limit, err := f.service.SetLimit(r.Context(), caller, input)
	return wireLimit(limit), err
}

func (f *face) showLimit(r *http.Request, caller Caller) (any, error) {
	limit, err := f.service.Limit(r.Context(), caller, r.PathValue("id"))
	return wireLimit(limit), err
}

func (f *face) removeLimit(r *http.Request, caller Caller) (any, error) {
	return nil, f.service.RemoveLimit(r.Context(), caller, r.PathValue("id"))
}

func (f *face) previewLimit(r *http.Request, caller Caller) (any, error) {
	input, err := decode[api.LimitPreview](r.Body)
	if err != nil {
		return nil, err
	}
	preview, err := f.service.PreviewLimit(r.Context(), caller, input)
	if err != nil {
		return nil, err
	}
	return wirePreview(preview), nil
}
