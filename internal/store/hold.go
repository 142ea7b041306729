package store

import (
	"context"
	"database/sql"

	"tollgate"
)

const selectHold = "SELECT id, scope, reason, created_at, created_by FROM audit_hold"

// holdNote is a hold as the audit log has it.
type holdNote struct {
	ID     string `json:"id"`
	Scope  string `json:"scope"`
	Reason string `json:"reason"`
}

// AddHold adds a legal hold, durably. The audit log has it with its reason. One on
// somebody whom nobody knows is NotFound: it would hold nothing.
func (s *Store) AddHold(ctx context.Context, hold tollgate.Hold) error {
	const insert = "INSERT INTO audit_hold (id, scope, reason, created_at, created_by) VALUES (?, ?, ?, ?, ?)"
	return s.amend(ctx, func(tx *sql.Tx, about *amendment) error {
		*about = amendment{action: "hold.add", object: hold.ID, after: hold}
		if hold.Scope.Kind == tollgate.ScopeDeveloper {
			if err := here(ctx, tx, hold.Scope.Name); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, insert, hold.ID, hold.Scope.String(), hold.Reason, micros(hold.CreatedAt), hold.CreatedBy)
		return err
	})
}

// RemoveHold removes a legal hold and returns it as it was. The audit log has the
// reason why.
func (s *Store) RemoveHold(ctx context.Context, id, reason string) (hold tollgate.Hold, err error) {
	missing := tollgate.Errorf(tollgate.NotFound, "there is no legal hold %q; tollgate audit hold list shows the ones there are", id)
	err = s.amend(ctx, func(tx *sql.Tx, about *amendment) error {
		if hold, err = findOne(ctx, tx, missing, scanHold, selectHold+" WHERE id = ?", id); err != nil {
			return err
		}
		after := hold
		after.Reason = reason
		*about = amendment{action: "hold.remove", object: id, before: hold, after: after}
		_, err := tx.ExecContext(ctx, "DELETE FROM audit_hold WHERE id = ?", id)
		return err
	})
	return hold, err
}

// Holds are the legal holds that are in force, oldest first.
func (s *Store) Holds(ctx context.Context) ([]tollgate.Hold, error) {
	return find(ctx, s.read, scanHold, selectHold+" ORDER BY created_at, id")
}

// HeldPersons are the pseudonyms of the people whom legal holds are on; all says
// that one is on everybody.
func (s *Store) HeldPersons(ctx context.Context) (persons []string, all bool, err error) {
	holds, err := s.Holds(ctx)
	if err != nil {
		return nil, false, err
	}
	for _, hold := range holds {
		if hold.Scope.Kind == tollgate.ScopeOrg {
			all = true
		}
	}
	persons, err = find(ctx, s.read, scanText, "SELECT person.id FROM person JOIN audit_hold ON scope = 'developer:' || email")
	return persons, all, err
}

// holdsOn are those on a developer.
func holdsOn(ctx context.Context, from querier, email string) ([]tollgate.Hold, error) {
	return find(ctx, from, scanHold, selectHold+" WHERE scope IN ('org', 'developer:' || ?) ORDER BY created_at, id", email)
}

func scanHold(row scanner) (hold tollgate.Hold, err error) {
	var scope string
	if err := row.Scan(&hold.ID, &scope, &hold.Reason, (*instant)(&hold.CreatedAt), &hold.CreatedBy); err != nil {
		return hold, err
	}
	hold.Scope, err = tollgate.ParseScope(scope)
	return hold, err
}
