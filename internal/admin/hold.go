package admin

import (
	"context"
	"net/http"

	"tollgate"
	"tollgate/api"
)

// AddHold puts a legal hold on a developer or on the whole organisation.
func (s *Service) AddHold(ctx context.Context, caller Caller, input api.NewHold) (hold tollgate.Hold, err error) {
	if err := s.authorize(caller, addHold); err != nil {
		return hold, err
	}
	scope, err := tollgate.ParseScope(input.Scope)
	if err != nil || scope.Kind != tollgate.ScopeOrg && scope.Kind != tollgate.ScopeDeveloper {
		return hold, tollgate.Errorf(tollgate.Invalid, "a legal hold is on org or on developer:EMAIL, not on %q", tollgate.HideKeys(input.Scope))
	}
	if scope.Kind == tollgate.ScopeDeveloper {
		if scope.Name, err = parseEmail(scope.Name); err != nil {
			return hold, err
		}
	}
	if err := holdReason(input.Reason); err != nil {
		return hold, err
	}
	hold = tollgate.Hold{ID: tollgate.NewHoldID(), Scope: scope, Reason: input.Reason, CreatedAt: s.now().UTC(), CreatedBy: "admin:" + caller.Name}
	err = s.register.AddHold(ctx, hold)
	s.forget()
	return hold, s.noted(ctx, caller, addHold, hold.ID, err)
}

// Holds are the legal holds in force, oldest first.
func (s *Service) Holds(ctx context.Context, caller Caller) ([]tollgate.Hold, error) {
	if err := s.authorize(caller, readHold); err != nil {
		return nil, err
	}
	return s.register.Holds(ctx)
}

// RemoveHold ends a legal hold and returns it as it was.
func (s *Service) RemoveHold(ctx context.Context, caller Caller, id, reason string) (hold tollgate.Hold, err error) {
	if err := s.authorize(caller, removeHold); err != nil {
		return hold, err
	}
	if err := holdReason(reason); err != nil {
		return hold, err
	}
	hold, err = s.register.RemoveHold(ctx, id, reason)
	s.forget()
	return hold, s.noted(ctx, caller, removeHold, id, err)
}

// holdReason wants one: it is what the audit log has to say why.
func holdReason(reason string) error {
	if reason == "" {
		return tollgate.Errorf(tollgate.Invalid, "a reason is needed; the audit log keeps it for good, so name no person in it")
	}
	return checkText("a reason", reason)
}

func (f *face) addHold(r *http.Request, caller Caller) (any, error) {
	input, err := decode[api.NewHold](r.Body)
	if err != nil {
		return nil, err
	}
	hold, err := f.service.AddHold(r.Context(), caller, input)
	return wireHold(hold), err
}

func (f *face) listHolds(r *http.Request, caller Caller) (any, error) {
	holds, err := f.service.Holds(r.Context(), caller)
	return page(holds, wireHold), err
}

func (f *face) removeHold(r *http.Request, caller Caller) (any, error) {
	input, err := decode[api.RemoveHold](r.Body)
	if err != nil {
		return nil, err
	}
	hold, err := f.service.RemoveHold(r.Context(), caller, r.PathValue("id"), input.Reason)
	return wireHold(hold), err
}

func wireHold(hold tollgate.Hold) api.Hold {
	return api.Hold{ID: hold.ID, Scope: hold.Scope.String(), Reason: hold.Reason, CreatedAt: hold.CreatedAt.UTC(), CreatedBy: hold.CreatedBy}
}
