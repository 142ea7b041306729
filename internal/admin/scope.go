package admin

import (
	"context"
	"slices"

	"tollgate"
)

// parseScope reads a scope as the register keeps it. Whether its name is there
// is another question.
func parseScope(text string) (tollgate.Scope, error) {
	if text == "" {
		return tollgate.Scope{}, tollgate.Errorf(tollgate.Invalid, "the scope is missing; write org, team:NAME, developer:EMAIL, service:NAME or key:ID")
	}
	scope, err := tollgate.ParseScope(text)
	switch scope.Kind {
	case tollgate.ScopeDeveloper:
		scope.Name = canonicalEmail(scope.Name)
	case tollgate.ScopeKey:
		scope.Name = bareID(scope.Name)
	}
	return scope, err
}

// checkThere is NotFound when the register does not know whom a scope names.
func (s *Service) checkThere(ctx context.Context, scope tollgate.Scope) (err error) {
	switch scope.Kind {
	case tollgate.ScopeTeam:
		_, err = s.register.Team(ctx, scope.Name)
	case tollgate.ScopeDeveloper:
		_, err = s.register.Developer(ctx, scope.Name)
	case tollgate.ScopeService:
		if scope.Name == tollgate.Subscription { // what subscriptions without a key are counted under; it has no key
			return nil
		}
		_, err = s.register.Service(ctx, scope.Name)
	case tollgate.ScopeKey:
		_, err = s.register.Key(ctx, scope.Name)
	}
	return err
}

// checkEach refuses to divide what has no members.
func checkEach(scope tollgate.Scope, each bool) error {
	if each && !scope.HasMembers() {
		return tollgate.Errorf(tollgate.Invalid, "%s has no members, so nothing can be for each of them; leave each out", scope.Phrase())
	}
	return nil
}

// modelSet are globs, checked, in an order that does not depend on how they
// were written: two rules for the same models are the same rule.
func modelSet(globs []string) ([]string, error) {
	if err := checkGlobs(globs); err != nil {
		return nil, err
	}
	set := slices.Clone(globs)
	slices.Sort(set)
	return slices.Compact(set), nil
}
