package store

import (
	"context"
	"database/sql"
	"encoding/base64"

	"tollgate"
)

const selectPersonKey = "SELECT public, person, recipients, wrapped, created_at FROM person_key"

// Person is the pseudonym of a developer, which is made when it is first needed.
func (s *Store) Person(ctx context.Context, email string) (id string, err error) {
	if email == "" || tollgate.IsPersonID(email) {
		return email, nil
	}
	if _, gone := s.erased.person(email); gone {
		return "", tollgate.Errorf(tollgate.NotFound, "the person was erased")
	}
	err = s.change(ctx, func(tx *sql.Tx) error {
		id, err = personOf(ctx, tx, email)
		return err
	})
	return id, err
}

// PersonKeys are the keys that bodies of a person were sealed to, newest first.
func (s *Store) PersonKeys(ctx context.Context, person string) ([]tollgate.PersonKey, error) {
	return find(ctx, s.read, scanPersonKey, selectPersonKey+" WHERE person = ? ORDER BY created_at DESC, public", person)
}

// AddPersonKey keeps a key, durably: nothing may be sealed to one that could be
// lost.
func (s *Store) AddPersonKey(ctx context.Context, key tollgate.PersonKey) error {
	const insert = "INSERT INTO person_key (public, person, recipients, wrapped, created_at) VALUES (?, ?, ?, ?, ?)"
	return s.change(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, insert, key.Public, key.Person, key.Recipients, base64.StdEncoding.EncodeToString(key.Wrapped), micros(key.CreatedAt))
		return err
	})
}

func scanPersonKey(row scanner) (key tollgate.PersonKey, err error) {
	var wrapped string
	if err := row.Scan(&key.Public, &key.Person, &key.Recipients, &wrapped, (*instant)(&key.CreatedAt)); err != nil {
		return key, err
	}
	key.Wrapped, err = base64.StdEncoding.DecodeString(wrapped)
	return key, err
}
