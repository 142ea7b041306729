package store

import (
	"context"
	"database/sql"
	"time"

	"tollgate"
)

const selectDeveloper = "SELECT email, name, coalesce(team, '') FROM developer WHERE removed_at = 0"

// CreateDeveloper adds a developer, or brings back one who was removed; the
// keys of before stay revoked. One who is there is a Conflict, a team that is
// not there NotFound.
func (s *Store) CreateDeveloper(ctx context.Context, developer tollgate.Developer) error {
	const insert = `
		INSERT INTO developer (email, name, team) VALUES (?, ?, ?)
		ON CONFLICT (email) DO UPDATE SET name = excluded.name, team = excluded.team, removed_at = 0
		WHERE developer.removed_at <> 0`
	err := s.amend(ctx, func(tx *sql.Tx, about *amendment) error {
		*about = amendment{action: "developer.create", object: developer.Email, after: developer}
		added, err := count(tx.ExecContext(ctx, insert, developer.Email, developer.Name, orNull(developer.Team)))
		switch violated(err) {
		case dangling:
			return lacksTeam(developer.Team)
		case malformed:
			return tollgate.Errorf(tollgate.Invalid, "a developer needs an email address")
		}
		if err == nil && added == 0 {
			return tollgate.Errorf(tollgate.Conflict, "developer %q exists already", developer.Email)
		}
		return err
	})
	if err == nil {
		s.erased.back(developer.Email)
	}
	return err
}

// Developer looks one developer up.
func (s *Store) Developer(ctx context.Context, email string) (tollgate.Developer, error) {
	return developerBy(ctx, s.read, email, noDeveloper(email))
}

func developerBy(ctx context.Context, from querier, email string, missing *tollgate.Error) (tollgate.Developer, error) {
	return findOne(ctx, from, missing, scanDeveloper, selectDeveloper+" AND email = ?", email)
}

// Developers lists the developers of a team, or all when team is empty, by
// email.
func (s *Store) Developers(ctx context.Context, team string) ([]tollgate.Developer, error) {
	return find(ctx, s.read, scanDeveloper, selectDeveloper+" AND (? = '' OR team = ?) ORDER BY email", team, team)
}

// RemoveDeveloper removes a developer and revokes the keys that were still in
// force, which it returns as they are now. The ledger is not touched.
func (s *Store) RemoveDeveloper(ctx context.Context, email string, at time.Time) (revoked []tollgate.Key, err error) {
	err = s.amend(ctx, func(tx *sql.Tx, about *amendment) error {
		before, err := developerBy(ctx, tx, email, noDeveloper(email))
		if err != nil {
			return err
		}
		removed, err := count(tx.ExecContext(ctx, "UPDATE developer SET removed_at = ? WHERE email = ? AND removed_at = 0", micros(at), email))
		if err != nil {
			return err
		}
		if removed == 0 {
			return noDeveloper(email)
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM invitation WHERE developer = ? AND used_at = 0", email); err != nil {
			return err
		}
		revoked, err = revokeKeysOf(ctx, tx, email, at)
		*about = amendment{action: "developer.remove", object: email, before: before, after: revoked}
		return err
	})
	return revoked, err
}

func scanDeveloper(row scanner) (developer tollgate.Developer, err error) {
	return developer, row.Scan(&developer.Email, &developer.Name, &developer.Team)
}

func noDeveloper(email string) *tollgate.Error {
	return tollgate.Errorf(tollgate.NotFound, "there is no developer %q; tollgate developer list shows the ones there are", email)
}

// lacksDeveloper is for what would belong to the developer.
func lacksDeveloper(email string) *tollgate.Error {
	return tollgate.Errorf(tollgate.NotFound, "there is no developer %q; create one with: tollgate developer create %s", email, email)
}
