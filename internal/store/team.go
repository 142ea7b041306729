package store

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"tollgate"
)

// CreateTeam adds a team. One that exists is a Conflict, and so is one whose
// name differs by case alone: people would not mean two.
func (s *Store) CreateTeam(ctx context.Context, team tollgate.Team) error {
	return s.amend(ctx, func(tx *sql.Tx, about *amendment) error {
		*about = amendment{action: "team.create", object: team.Name, after: team}
		if err := unlikeTeams(ctx, tx, team.Name); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO team (name) VALUES (?)", team.Name)
		if violated(err) == malformed {
			return tollgate.Errorf(tollgate.Invalid, "a team needs a name")
		}
		return err
	})
}

func unlikeTeams(ctx context.Context, tx *sql.Tx, name string) error {
	teams, err := find(ctx, tx, scanTeam, "SELECT name FROM team")
	for _, team := range teams {
		if strings.EqualFold(team.Name, name) {
			return tollgate.Errorf(tollgate.Conflict, "team %q exists already", team.Name)
		}
	}
	return err
}

// Team looks one team up.
func (s *Store) Team(ctx context.Context, name string) (tollgate.Team, error) {
	return findOne(ctx, s.read, noTeam(name), scanTeam, "SELECT name FROM team WHERE name = ?", name)
}

// Teams lists all teams by name.
func (s *Store) Teams(ctx context.Context) ([]tollgate.Team, error) {
	return find(ctx, s.read, scanTeam, "SELECT name FROM team ORDER BY name")
}

// RemoveTeam removes a team. It is a Conflict while developers are in it, or
// keys that are neither revoked nor expired at that time. Services without
// such keys are in no team from then on.
func (s *Store) RemoveTeam(ctx context.Context, name string, at time.Time) error {
	return s.amend(ctx, func(tx *sql.Tx, about *amendment) error {
		*about = amendment{action: "team.remove", object: name, before: tollgate.Team{Name: name}}
		if err := emptyTeam(ctx, tx, name, at); err != nil {
			return err
		}
		for _, leave := range []string{
			"UPDATE developer SET team = NULL WHERE team = ? AND removed_at <> 0",
			"UPDATE service SET team = NULL WHERE team = ?",
		} {
			if _, err := tx.ExecContext(ctx, leave, name); err != nil {
				return err
			}
		}
		removed, err := count(tx.ExecContext(ctx, "DELETE FROM team WHERE name = ?", name))
		if err == nil && removed == 0 {
			return noTeam(name)
		}
		return err
	})
}

// emptyTeam is a Conflict while anybody is in the team.
func emptyTeam(ctx context.Context, tx *sql.Tx, name string, at time.Time) error {
	const members = `
		SELECT (SELECT count(*) FROM developer WHERE team = ? AND removed_at = 0),
		       (SELECT count(*) FROM gateway_key WHERE team = ? AND revoked_at = 0 AND (expires_at = 0 OR expires_at > ?))`
	var developers, keys int64
	if err := tx.QueryRowContext(ctx, members, name, name, micros(at)).Scan(&developers, &keys); err != nil {
		return err
	}
	if developers+keys > 0 {
		return tollgate.Errorf(tollgate.Conflict, "team %q is not empty: developers %d, keys in force %d; remove the developers and revoke the keys that \"tollgate developer list\" and \"tollgate key list\" show with --team %q", name, developers, keys, name)
	}
	return nil
}

func scanTeam(row scanner) (team tollgate.Team, err error) {
	return team, row.Scan(&team.Name)
}

func noTeam(name string) *tollgate.Error {
	return tollgate.Errorf(tollgate.NotFound, "there is no team %q; tollgate team list shows the ones there are", name)
}

// lacksTeam is for who would join the team.
func lacksTeam(name string) *tollgate.Error {
	return tollgate.Errorf(tollgate.NotFound, "there is no team %q; create it with: tollgate team create %q", name, name)
}
