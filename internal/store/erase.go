package store

import (
	"context"
	"database/sql"
	"maps"
	"sync"
	"time"

	"tollgate"
)

// erased are the people who were erased since the process was started, with their
// pseudonyms: what they had under way comes into the ledger without their address.
type erased struct {
	mu      sync.RWMutex
	persons map[string]string // by email
}

func (e *erased) person(email string) (id string, gone bool) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	id, gone = e.persons[email]
	return id, gone
}

func (e *erased) set(email, id string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.persons == nil {
		e.persons = map[string]string{}
	}
	e.persons[email] = id
}

func (e *erased) back(email string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.persons, email)
}

// nameless is the batch with pseudonyms in the place of the addresses of people who
// were erased. What others read stays as it is.
func (e *erased) nameless(batch []*tollgate.Exchange) []*tollgate.Exchange {
	e.mu.RLock()
	defer e.mu.RUnlock()
	if len(e.persons) == 0 {
		return batch
	}
	named := batch
	batch = make([]*tollgate.Exchange, len(named))
	for i, x := range named {
		if id, gone := e.persons[x.Developer]; gone {
			without := *x
			without.Developer = id
			x = &without
		}
		batch[i] = x
	}
	return batch
}

// erasure is every place in which a developer's address or name stands. What was
// the address is the pseudonym from then on, so that sums stay what they were;
// budgets and limits of their own go.
//
// The arguments are the pseudonym and the address, in the order :person, :email.
var erasure = []string{
	"UPDATE gateway_key SET developer = :person, label = '' WHERE developer = :email",
	"UPDATE developer SET email = :person, name = '', team = NULL WHERE email = :email",
	"UPDATE profile SET developer = :person WHERE developer = :email",
	"DELETE FROM alert WHERE member = 'developer:' || :email OR budget IN (SELECT id FROM budget WHERE scope = 'developer:' || :email)",
	"DELETE FROM budget_counter WHERE budget IN (SELECT id FROM budget WHERE scope = 'developer:' || :email)",
	"DELETE FROM budget_raise WHERE budget IN (SELECT id FROM budget WHERE scope = 'developer:' || :email)",
	"DELETE FROM budget WHERE scope = 'developer:' || :email",
	"DELETE FROM rate_limit WHERE scope = 'developer:' || :email",
	"UPDATE budget_counter SET member = 'developer:' || :person WHERE member = 'developer:' || :email",
	"UPDATE budget_raise SET member = 'developer:' || :person, reason = '' WHERE member = 'developer:' || :email",
	"DELETE FROM person_key WHERE person = :person",
	"DELETE FROM invitation WHERE developer = :email",
	"DELETE FROM person WHERE email = :email",
}

// EraseDeveloper takes a person out of the database, removed or not: the address
// and the name go from every table, the keys that bodies were sealed to are
// destroyed, and those of the gateway revoked. The ledger and the audit log keep
// the pseudonym, for which nothing stands any more. Somebody who was never here is
// NotFound, one whom a legal hold is on a Conflict. What was there is overwritten
// in the file; the write-ahead log has it until Overwrite.
func (s *Store) EraseDeveloper(ctx context.Context, email string, at time.Time) (person string, err error) {
	s.appending.Lock()
	defer s.appending.Unlock()
	err = s.changeOn(ctx, "FULL", func(_ *sql.Conn, tx *sql.Tx) error {
		if person, err = s.erase(ctx, tx, email, at); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "PRAGMA defer_foreign_keys=ON"); err != nil {
			return err
		}
		for _, text := range erasure {
			if _, err := tx.ExecContext(ctx, text, sql.Named("person", person), sql.Named("email", email)); err != nil {
				return err
			}
		}
		return renewRules(ctx, tx)
	})
	if err != nil {
		return "", err
	}
	s.erased.set(email, person)
	delete(s.chain.people.ids, email)
	maps.DeleteFunc(s.profiles.ids, func(of profile, _ int64) bool { return of.developer == email })
	return person, nil
}

// Overwrite takes what was overwritten out of the write-ahead log too. It waits for
// reports under way.
func (s *Store) Overwrite(ctx context.Context) error {
	err := s.foldLog(ctx, 0)
	if err == nil {
		return nil
	}
	return tollgate.Errorf(tollgate.Internal,
		"it is done; but the write-ahead log of the database, which still has what was overwritten, could not be folded in: it is when the gateway is restarted").Because(err)
}

// erase checks that it may be done, and records it.
func (s *Store) erase(ctx context.Context, tx *sql.Tx, email string, at time.Time) (person string, err error) {
	if err := here(ctx, tx, email); err != nil {
		return "", err
	}
	if person, err = personOf(ctx, tx, email); err != nil {
		return "", err
	}
	holds, err := holdsOn(ctx, tx, email)
	if err != nil {
		return "", err
	}
	if len(holds) > 0 {
		return "", tollgate.Errorf(tollgate.Conflict, "a legal hold is on %s, %s (%s): nobody whom one is on can be erased; remove it first", email, holds[0].ID, holds[0].Reason)
	}
	revoked, err := revokeKeysOf(ctx, tx, email, at)
	if err != nil {
		return "", err
	}
	if _, err := tx.ExecContext(ctx, "UPDATE developer SET removed_at = ? WHERE email = ? AND removed_at = 0", micros(at), email); err != nil {
		return "", err
	}
	event := tollgate.AuditEvent{Time: at, Action: "developer.erase", Actor: tollgate.ActorOf(ctx), Object: person, Outcome: "done"}
	if event.After, err = describe(ctx, tx, revoked); err != nil {
		return "", err
	}
	return person, s.note(ctx, tx, event)
}

// here wants the database to know somebody with that address, be it that they were
// removed.
func here(ctx context.Context, from querier, email string) error {
	const known = `
		SELECT 1 WHERE EXISTS (SELECT 1 FROM developer WHERE email = ?)
			OR EXISTS (SELECT 1 FROM person WHERE email = ?) OR EXISTS (SELECT 1 FROM profile WHERE developer = ?)`
	found, err := find(ctx, from, scanNumber, known, email, email, email)
	if err == nil && (len(found) == 0 || tollgate.IsPersonID(email)) {
		err = tollgate.Errorf(tollgate.NotFound, "there is nobody with the address %q, neither in the register nor in the ledger", email)
	}
	return err
}
