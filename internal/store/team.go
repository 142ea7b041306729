package store

import (
	"context"
	"database/sql"

	"tollgate"
)

// CreateTeam adds a team. One that exists is a Conflict.
func (s *Store) CreateTeam(ctx context.Context, team tollgate.Team) error {
	return s.change(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO team (name) VALUES (?)", team.Name)
		switch violated(err) {
		case duplicate:
			return tollgate.Errorf(tollgate.Conflict, "team %q exists already", team.Name)
		case malformed:
			return tollgate.Errorf(tollgate.Invalid, "a team needs a name")
		}
		return err
	})
}

// Team looks one team up.
func (s *Store) Team(ctx context.Context, name string) (tollgate.Team, error) {
	return findOne(ctx, s.read, noTeam(name), scanTeam, "SELECT name FROM team WHERE name = ?", name)
}

// Teams lists all teams by name.
func (s *Store) Teams(ctx context.Context) ([]tollgate.Team, error) {
	return find(ctx, s.read, scanTeam, "SELECT name FROM team ORDER BY name")
}

// RemoveTeam removes a team. It is a Conflict while developers, services or
// keys that are not revoked are in it.
func (s *Store) RemoveTeam(ctx context.Context, name string) error {
	return s.change(ctx, func(tx *sql.Tx) error {
		if err := emptyTeam(ctx, tx, name); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "UPDATE developer SET team = NULL WHERE team = ? AND removed_at <> 0", name)
		if err != nil {
			return err
		}
		removed, err := count(tx.ExecContext(ctx, "DELETE FROM team WHERE name = ?", name))
		if err == nil && removed == 0 {
			return noTeam(name)
		}
		return err
	})
}

// emptyTeam is a Conflict while anybody is in the team.
func emptyTeam(ctx context.Context, tx *sql.Tx, name string) error {
	const members = `
		SELECT (SELECT count(*) FROM developer WHERE team = ? AND removed_at = 0),
		       (SELECT count(*) FROM service WHERE team = ?),
		       (SELECT count(*) FROM gateway_key WHERE team = ? AND revoked_at = 0)`
	var developers, services, keys int64
	if err := tx.QueryRowContext(ctx, members, name, name, name).Scan(&developers, &services, &keys); err != nil {
		return err
	}
	if developers+services+keys > 0 {
		return tollgate.Errorf(tollgate.Conflict, "team %q is not empty: developers %d, services %d, keys in force %d; remove the developers and revoke the keys first", name, developers, services, keys)
	}
	return nil
}

func scanTeam(row scanner) (team tollgate.Team, err error) {
	return team, row.Scan(&team.Name)
}

func noTeam(name string) *tollgate.Error {
	return tollgate.Errorf(tollgate.NotFound, "there is no team %q; create it with: tollgate team create %s", name, name)
}
