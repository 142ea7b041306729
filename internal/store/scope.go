package store

import (
	"context"
	"slices"
	"strings"

	"tollgate"
)

// scopeThere makes sure that a scope is one and that whoever it names is there.
func scopeThere(ctx context.Context, from querier, scope tollgate.Scope) (err error) {
	if _, err := tollgate.ParseScope(scope.String()); err != nil {
		return err
	}
	switch scope.Kind {
	case tollgate.ScopeTeam:
		_, err = findOne(ctx, from, lacksTeam(scope.Name), scanTeam, "SELECT name FROM team WHERE name = ?", scope.Name)
	case tollgate.ScopeDeveloper:
		_, err = developerBy(ctx, from, scope.Name, lacksDeveloper(scope.Name))
	case tollgate.ScopeService:
		if scope.Name == tollgate.Subscription { // it has no key, and so no row
			return nil
		}
		_, err = findOne(ctx, from, noService(scope.Name), scanService, selectService+" WHERE name = ?", scope.Name)
	case tollgate.ScopeKey:
		_, err = keyBy(ctx, from, scope.Name)
	}
	return err
}

// scopeOf reads a scope as a column keeps it. What rows have brought there is
// taken as it is.
func scopeOf(text string) tollgate.Scope {
	kind, name, _ := strings.Cut(text, ":")
	return tollgate.Scope{Kind: tollgate.ScopeKind(kind), Name: name}
}

// setOf is a list of globs as a set: sorted, each of them once.
func setOf(globs []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(globs)))
}
