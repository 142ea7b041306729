package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/hex"
	"errors"
	"time"

	"tollgate"
)

// Scribe writes the lines of the audit log. Each is the next one of a chain, and
// says so.
type Scribe interface {
	// Request is the line about a request. It is a function of what the ledger
	// keeps of it; person stands for the developer.
	Request(head tollgate.AuditHead, x *tollgate.Exchange, person string) []byte
	Event(head tollgate.AuditHead, event tollgate.AuditEvent) []byte
}

// chain is this process's own chain of the audit log. How far it has come is read
// anew in each transaction: after one of which nobody knows whether it was
// committed, only the database knows.
type chain struct {
	id     int64 // 0: nothing is recorded
	name   string
	scribe Scribe

	people people // of whoever appends
	reach  prepared
	add    prepared
	move   prepared
	head   tollgate.AuditHead // in the transaction that runs
}

const (
	selectHead = "SELECT length, hash FROM audit_chain WHERE chain_id = ?"
	addRecord  = "INSERT INTO audit_record (place, line) VALUES (?, ?)"
	moveHead   = "UPDATE audit_chain SET length = ?, hash = ? WHERE chain_id = ?"
	addEvent   = "INSERT INTO audit_event (chain_id, number, id, time, action, actor, object, outcome) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)

// BeginChain begins a chain of the audit log, in which everything is recorded
// that this Store does from then on. It is called before the first Append.
func (s *Store) BeginChain(ctx context.Context, scribe Scribe, at time.Time) error {
	name := tollgate.NewChainID(at)
	var id int64
	err := s.change(ctx, func(tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, "INSERT INTO audit_chain (name, begun_at) VALUES (?, ?) RETURNING chain_id", name, micros(at)).Scan(&id)
	})
	if err != nil {
		return err
	}
	s.chain = chain{
		id: id, name: name, scribe: scribe,
		reach: prepared{text: selectHead}, add: prepared{text: addRecord}, move: prepared{text: moveHead},
	}
	return nil
}

// Chain is the name of this process's own chain, empty when nothing is recorded.
func (s *Store) Chain() string { return s.chain.name }

// Note records what is no request, all or nothing, and durably. After an error of
// which nobody knows what it left behind, the same events are noted again: each
// has an id, under which it is recorded once.
func (s *Store) Note(ctx context.Context, events ...tollgate.AuditEvent) error {
	return s.change(ctx, func(tx *sql.Tx) error { return s.note(ctx, tx, events...) })
}

// note records in a transaction what is done in it.
func (s *Store) note(ctx context.Context, tx *sql.Tx, events ...tollgate.AuditEvent) error {
	if s.chain.id == 0 || len(events) == 0 {
		return nil
	}
	head, err := findOne(ctx, tx, noChain, s.chain.scanHead, selectHead, s.chain.id)
	if err != nil {
		return err
	}
	for _, e := range events {
		if e.ID == "" {
			e.ID = tollgate.NewEventID(e.Time)
		} else if known, err := find(ctx, tx, scanNumber, "SELECT number FROM audit_event WHERE id = ?", e.ID); err != nil || len(known) > 0 {
			if err != nil {
				return err
			}
			continue // it was stored when nobody knew
		}
		line := s.chain.scribe.Event(head, e)
		head = head.After(line)
		if _, err := tx.ExecContext(ctx, addRecord, place(s.chain.id, head.Length), string(line)); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, addEvent, s.chain.id, head.Length, e.ID, micros(e.Time), string(e.Action), e.Actor, e.Object, e.Outcome); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, moveHead, head.Length, hex.EncodeToString(head.Hash[:]), s.chain.id)
	return err
}

var noChain = tollgate.Errorf(tollgate.Internal, "the audit log's chain of this process is not in the database any more")

func (c *chain) scanHead(row scanner) (tollgate.AuditHead, error) {
	var length int64
	var hash string
	if err := row.Scan(&length, &hash); err != nil {
		return tollgate.AuditHead{}, err
	}
	return headOf(c.name, length, hash)
}

// headOf reads a head as it is stored.
func headOf(name string, length int64, hash string) (tollgate.AuditHead, error) {
	head := tollgate.AuditHead{Chain: name, Length: length}
	raw, err := hex.DecodeString(hash)
	if err != nil || len(raw) != len(head.Hash) && (len(raw) != 0 || length != 0) {
		return head, tollgate.Errorf(tollgate.Internal, "the hash of the audit log's chain %s cannot be read; it was changed from outside, or the database is damaged", name)
	}
	copy(head.Hash[:], raw)
	return head, nil
}

// enter reads how far the chain has come. A transaction is open on conn.
func (c *chain) enter(ctx context.Context, conn driver.Conn) error {
	if c.id == 0 {
		return nil
	}
	if err := errors.Join(c.reach.on(ctx, conn), c.add.on(ctx, conn), c.move.on(ctx, conn)); err != nil {
		return err
	}
	var found [2]driver.Value
	err := c.reach.first(ctx, found[:], c.id)
	length, ok := found[0].(int64)
	if err == nil && !ok {
		err = noChain
	}
	if err == nil {
		c.head, err = headOf(c.name, length, asText(found[1]))
	}
	return err
}

// record adds the record of a row that was added.
func (c *chain) record(ctx context.Context, x *tollgate.Exchange, person string) error {
	if c.id == 0 {
		return nil
	}
	line := c.scribe.Request(c.head, x, person)
	c.head = c.head.After(line)
	_, err := c.add.execute(ctx, place(c.id, c.head.Length), string(line))
	return err
}

// leave notes how far the chain has come.
func (c *chain) leave(ctx context.Context) error {
	if c.id == 0 {
		return nil
	}
	_, err := c.move.execute(ctx, c.head.Length, hex.EncodeToString(c.head.Hash[:]), c.id)
	return err
}

// place is where a record is stored.
func place(chain, number int64) int64 { return chain<<40 | number }

// next is where the next record goes; 0, 0 when nothing is recorded.
func (c *chain) next() (id, number int64) {
	if c.id == 0 {
		return 0, 0
	}
	return c.id, c.head.Length + 1
}

func (c *chain) close() error { return errors.Join(c.reach.close(), c.add.close(), c.move.close()) }

// EndChain records the event that is the last one of this process.
func (s *Store) EndChain(ctx context.Context, last tollgate.AuditEvent) error {
	return s.change(ctx, func(tx *sql.Tx) error {
		if err := s.note(ctx, tx, last); err != nil {
			return err
		}
		return endChain(ctx, tx, s.chain.name, last.Time)
	})
}

func endChain(ctx context.Context, tx *sql.Tx, name string, at time.Time) error {
	_, err := tx.ExecContext(ctx, "UPDATE audit_chain SET ended_at = ? WHERE name = ?", micros(at), name)
	return err
}

// RecoverChains ends the chains of processes that died, and records an event
// about each. Nobody else may serve on this database.
func (s *Store) RecoverChains(ctx context.Context, at time.Time, about func(died tollgate.AuditHead) tollgate.AuditEvent) (died []tollgate.AuditHead, err error) {
	err = s.change(ctx, func(tx *sql.Tx) error {
		died, err = find(ctx, tx, scanNamedHead, "SELECT name, length, hash FROM audit_chain WHERE ended_at = 0 AND chain_id <> ? ORDER BY chain_id", s.chain.id)
		if err != nil {
			return err
		}
		for _, head := range died {
			if err := s.note(ctx, tx, about(head)); err != nil {
				return err
			}
			if err := endChain(ctx, tx, head.Chain, at); err != nil {
				return err
			}
		}
		return nil
	})
	return died, err
}

// Uncommitted is how many records no checkpoint commits to yet.
func (s *Store) Uncommitted(ctx context.Context) (records int64, err error) {
	counts, err := find(ctx, s.read, scanNumber, "SELECT coalesce(sum(length - committed), 0) FROM audit_chain")
	if err != nil || len(counts) == 0 {
		return 0, err
	}
	return counts[0], nil
}

// LastCheckpoint is the newest one, empty when there is none.
func (s *Store) LastCheckpoint(ctx context.Context) (signed string, err error) {
	return lastCheckpoint(ctx, s.read)
}
