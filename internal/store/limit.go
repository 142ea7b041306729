package store

import (
	"context"
	"database/sql"

	"tollgate"
)

const limitFigures = "requests_per_minute, input_tokens_per_minute, output_tokens_per_minute, concurrent, count_tokens_per_minute"

const selectLimit = "SELECT id, scope, models, each_member, created_at, " + limitFigures + " FROM rate_limit"

// SetLimit makes a limit and returns it as it is stored. Where there is one for
// the same scope and models that is as shared, its figures change, and nothing
// else does. Whoever the scope names must be there.
func (s *Store) SetLimit(ctx context.Context, limit tollgate.Limit) (stored tollgate.Limit, err error) {
	limit.Models = setOf(limit.Models)
	if limit.Each && !limit.Scope.HasMembers() {
		return tollgate.Limit{}, tollgate.Errorf(tollgate.Invalid, "a key has no members that could have a limit each; leave that out")
	}
	err = s.amend(ctx, func(tx *sql.Tx, about *amendment) error {
		if err := scopeThere(ctx, tx, limit.Scope); err != nil {
			return err
		}
		before, err := limitFor(ctx, tx, limit)
		if err != nil {
			return err
		}
		id, err := keepLimit(ctx, tx, limit)
		if err != nil {
			return err
		}
		stored, err = limitBy(ctx, tx, id)
		*about = amendment{action: "limit.set", object: id, before: before, after: stored}
		return err
	})
	if err != nil {
		return tollgate.Limit{}, err
	}
	return stored, nil
}

// limitFor is the limit that is there for the same, nil when there is none.
func limitFor(ctx context.Context, tx *sql.Tx, l tollgate.Limit) (any, error) {
	there, err := find(ctx, tx, scanLimit, selectLimit+" WHERE scope = ? AND models = ? AND each_member = ?", l.Scope.String(), jsonList(l.Models), bit(l.Each))
	if err != nil || len(there) == 0 {
		return nil, err
	}
	return there[0], nil
}

// keepLimit changes the limit that is there, or adds it.
func keepLimit(ctx context.Context, tx *sql.Tx, l tollgate.Limit) (id string, err error) {
	const keep = `
		INSERT INTO rate_limit (id, scope, models, each_member, created_at, ` + limitFigures + `)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (scope, models, each_member) DO UPDATE SET
			requests_per_minute = excluded.requests_per_minute,
			input_tokens_per_minute = excluded.input_tokens_per_minute,
			output_tokens_per_minute = excluded.output_tokens_per_minute,
			concurrent = excluded.concurrent,
			count_tokens_per_minute = excluded.count_tokens_per_minute
		RETURNING id`
	err = tx.QueryRowContext(ctx, keep, l.ID, l.Scope.String(), jsonList(l.Models), bit(l.Each), micros(l.CreatedAt),
		l.RequestsPerMinute, l.InputTokensPerMinute, l.OutputTokensPerMinute, l.Concurrent, l.CountTokensPerMinute).Scan(&id)
	switch violated(err) {
	case duplicate:
		return "", tollgate.Errorf(tollgate.Conflict, "limit %q exists already", l.ID)
	case malformed:
		return "", tollgate.Errorf(tollgate.Invalid, "a new limit needs an id and the time of its creation, and its figures are 0 or more")
	}
	return id, err
}

// Limit looks one limit up.
func (s *Store) Limit(ctx context.Context, id string) (tollgate.Limit, error) {
	return limitBy(ctx, s.read, id)
}

func limitBy(ctx context.Context, from querier, id string) (tollgate.Limit, error) {
	return findOne(ctx, from, noLimit(id), scanLimit, selectLimit+" WHERE id = ?", id)
}

// Limits lists all limits, oldest first.
func (s *Store) Limits(ctx context.Context) ([]tollgate.Limit, error) {
	return find(ctx, s.read, scanLimit, selectLimit+" ORDER BY created_at, id")
}

// RemoveLimit removes a limit.
func (s *Store) RemoveLimit(ctx context.Context, id string) error {
	return s.amend(ctx, func(tx *sql.Tx, about *amendment) error {
		before, err := limitBy(ctx, tx, id)
		if err != nil {
			return err
		}
		*about = amendment{action: "limit.remove", object: id, before: before}
		removed, err := count(tx.ExecContext(ctx, "DELETE FROM rate_limit WHERE id = ?", id))
		if err == nil && removed == 0 {
			err = noLimit(id)
		}
		return err
	})
}

func scanLimit(row scanner) (l tollgate.Limit, err error) {
	var scope, models string
	var created int64
	err = row.Scan(&l.ID, &scope, &models, &l.Each, &created,
		&l.RequestsPerMinute, &l.InputTokensPerMinute, &l.OutputTokensPerMinute, &l.Concurrent, &l.CountTokensPerMinute)
	if err != nil {
		return l, err
	}
	l.Scope, l.CreatedAt = scopeOf(scope), moment(created)
	return l, fromJSON(models, &l.Models)
}

func noLimit(id string) *tollgate.Error {
	return tollgate.Errorf(tollgate.NotFound, "there is no limit %q; tollgate limit list shows the ones there are", id)
}
