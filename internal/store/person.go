package store

import (
	"context"
	"database/sql"

	"tollgate"
)

// peopleKept bounds the memory of pseudonyms, at about 100 bytes each.
const peopleKept = 16384

// people remembers the pseudonyms of people that are in the database. It belongs
// to whoever appends.
type people struct {
	ids   map[string]string // by email
	fresh []string          // met in the transaction that runs
}

// id is the pseudonym of a developer, empty for none. One who was erased has
// nothing else any more.
func (p *people) id(ctx context.Context, tx *sql.Tx, email string) (string, error) {
	if email == "" || tollgate.IsPersonID(email) {
		return email, nil
	}
	if id, known := p.ids[email]; known {
		return id, nil
	}
	id, err := personOf(ctx, tx, email)
	if err != nil {
		return "", err
	}
	if len(p.ids) >= peopleKept {
		clear(p.ids)
	}
	if p.ids == nil {
		p.ids = map[string]string{}
	}
	p.ids[email] = id
	p.fresh = append(p.fresh, email)
	return id, nil
}

// settle ends a transaction: whom it brought in is forgotten unless it is known
// to be committed.
func (p *people) settle(committed bool) {
	if !committed {
		for _, email := range p.fresh {
			delete(p.ids, email)
		}
	}
	p.fresh = p.fresh[:0]
}

// person is the pseudonym under which a developer is recorded, if anything is.
func (s *Store) person(ctx context.Context, tx *sql.Tx, email string) (string, error) {
	if s.chain.id == 0 {
		return "", nil
	}
	return s.chain.people.id(ctx, tx, email)
}

// personOf is a person's pseudonym, which is made when it is first needed.
func personOf(ctx context.Context, tx *sql.Tx, email string) (id string, err error) {
	const insert = `
		INSERT INTO person (id, email) VALUES (?, ?)
		ON CONFLICT (email) DO UPDATE SET email = excluded.email
		RETURNING id`
	return id, tx.QueryRowContext(ctx, insert, tollgate.NewPersonID(), email).Scan(&id)
}
