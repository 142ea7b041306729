package admin

import (
	"net/http"

	"tollgate/api"
)

func (f *face) listBudgets(r *http.Request, caller Caller) (any, error) {
	if _, err := query(r); err != nil {
		return nil, err
	}
	accounts, err := f.service.Budgets(r.Context(), caller)
	return page(accounts, wireBudget), err
}

func (f *face) setBudget(r *http.Request, caller Caller) (any, error) {
	input, err := decode[api.NewBudget](r.Body)
	if err != nil {
		return nil, err
	}
	account, err := f.service.SetBudget(r.Context(), caller, input)
	if err != nil {
		return nil, err
	}
	return wireBudget(account), nil
}

func (f *face) showBudget(r *http.Request, caller Caller) (any, error) {
	account, err := f.service.Budget(r.Context(), caller, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	return wireBudgetWhole(account), nil
}

func (f *face) removeBudget(r *http.Request, caller Caller) (any, error) {
	return nil, f.service.RemoveBudget(r.Context(), caller, r.PathValue("id"))
}

func (f *face) raiseBudget(r *http.Request, caller Caller) (any, error) {
	input, err := decode[api.NewRaise](r.Body)
	if err != nil {
		return nil, err
	}
	account, err := f.service.RaiseBudget(r.Context(), caller, r.PathValue("id"), input)
	if err != nil {
		return nil, err
	}
	return wireBudget(account), nil
}

func (f *face) previewBudget(r *http.Request, caller Caller) (any, error) {
	input, err := decode[api.BudgetPreview](r.Body)
	if err != nil {
		return nil, err
	}
	preview, err := f.service.PreviewBudget(r.Context(), caller, input)
	if err != nil {
		return nil, err
	}
	return wirePreview(preview), nil
}
