package store

import (
	"context"
	"database/sql"

	"tollgate"
)

const selectService = "SELECT name, coalesce(team, '') FROM service"

// Service looks one service account up.
func (s *Store) Service(ctx context.Context, name string) (tollgate.Service, error) {
	return findOne(ctx, s.read, noService(name), scanService, selectService+" WHERE name = ?", name)
}

// Services lists all service accounts by name.
func (s *Store) Services(ctx context.Context) ([]tollgate.Service, error) {
	return find(ctx, s.read, scanService, selectService+" ORDER BY name")
}

// serviceFor returns the service account that a new key is for, and brings it
// into being with its first key. A service is in one team, the first that is
// named, and stays in it while the team is there.
func serviceFor(ctx context.Context, tx *sql.Tx, name, team string) (tollgate.Service, error) {
	const insert = `
		INSERT INTO service (name, team) VALUES (?, ?)
		ON CONFLICT (name) DO UPDATE SET team = excluded.team WHERE service.team IS NULL`
	_, err := tx.ExecContext(ctx, insert, name, orNull(team))
	if violated(err) == dangling {
		err = lacksTeam(team)
	}
	if err != nil {
		return tollgate.Service{}, err
	}
	service, err := findOne(ctx, tx, noService(name), scanService, selectService+" WHERE name = ?", name)
	if err == nil && team != "" && team != service.Team {
		err = tollgate.Errorf(tollgate.Conflict, "service %q is in team %q, not in %q; leave the team out, or name that one", name, service.Team, team)
	}
	return service, err
}

func scanService(row scanner) (service tollgate.Service, err error) {
	return service, row.Scan(&service.Name, &service.Team)
}

func noService(name string) *tollgate.Error {
	return tollgate.Errorf(tollgate.NotFound, "there is no service %q; it comes into being with its first key: tollgate key create --service %s", name, name)
}
