package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"slices"
	"time"

	"tollgate"
)

// Notary commits to heads of chains: it adds a leaf for each to the Merkle tree of
// that size, of which read finds the nodes that are stored, and returns the
// leaves, the new nodes and the signed checkpoint.
type Notary interface {
	Commit(size int64, read func(positions []int64) ([]tollgate.AuditHash, error), heads []tollgate.AuditHead, at time.Time) (leaves []string, nodes []tollgate.AuditHash, signed string, err error)
	// Retire signs that the records are given up which a checkpoint commits to. It
	// refuses one that it has not signed itself, with a time before that moment.
	// leaves are those of the checkpoint's tree that no retirement has had; it returns
	// how far each of their chains goes.
	Retire(checkpoint string, size int64, leaves []string, before, at time.Time) (heads []tollgate.AuditHead, signed string, err error)
}

// TakeCheckpoint commits to everything that is recorded and not committed to yet,
// by any process. It returns the newest checkpoint, which is the one before when
// nothing has been recorded since, and empty when nothing ever was.
func (s *Store) TakeCheckpoint(ctx context.Context, notary Notary, at time.Time) (signed string, err error) {
	err = s.change(ctx, func(tx *sql.Tx) error {
		heads, err := find(ctx, tx, scanNamedHead, `
			SELECT name, length, hash FROM audit_chain WHERE length > committed ORDER BY chain_id`)
		if err != nil {
			return err
		}
		if len(heads) == 0 {
			signed, err = lastCheckpoint(ctx, tx)
			return err
		}
		var size int64
		if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM audit_leaf").Scan(&size); err != nil {
			return err
		}
		read := func(positions []int64) ([]tollgate.AuditHash, error) { return nodesAt(ctx, tx, positions) }
		leaves, nodes, note, err := notary.Commit(size, read, heads, at)
		if err != nil {
			return err
		}
		signed = note
		return keepCheckpoint(ctx, tx, size, leaves, nodes, note, at)
	})
	return signed, err
}

func keepCheckpoint(ctx context.Context, tx *sql.Tx, size int64, leaves []string, nodes []tollgate.AuditHash, note string, at time.Time) error {
	var first int64
	if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM audit_hash").Scan(&first); err != nil {
		return err
	}
	for i, leaf := range leaves {
		if _, err := tx.ExecContext(ctx, "INSERT INTO audit_leaf (position, line) VALUES (?, ?)", size+int64(i), leaf); err != nil {
			return err
		}
	}
	for i, node := range nodes {
		if _, err := tx.ExecContext(ctx, "INSERT INTO audit_hash (position, hash) VALUES (?, ?)", first+int64(i), hex.EncodeToString(node[:])); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO audit_checkpoint (size, time, note) VALUES (?, ?, ?)", size+int64(len(leaves)), micros(at), note); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, "UPDATE audit_chain SET committed = length WHERE length > committed")
	return err
}

func lastCheckpoint(ctx context.Context, from querier) (string, error) {
	notes, err := find(ctx, from, scanText, "SELECT note FROM audit_checkpoint ORDER BY size DESC LIMIT 1")
	if err != nil || len(notes) == 0 {
		return "", err
	}
	return notes[0], nil
}

// nodesAt reads nodes in the order in which they are asked for.
func nodesAt(ctx context.Context, from querier, positions []int64) ([]tollgate.AuditHash, error) {
	args := make([]any, len(positions))
	for i, position := range positions {
		args[i] = position
	}
	found, err := find(ctx, from, scanNode, "SELECT position, hash FROM audit_hash WHERE position IN ("+placeholders(len(args))+") ORDER BY position", args...)
	if err != nil {
		return nil, err
	}
	nodes := make([]tollgate.AuditHash, len(positions))
	for i, position := range positions {
		at, there := slices.BinarySearchFunc(found, position, func(n node, p int64) int { return int(n.position - p) })
		if !there {
			return nil, tollgate.Errorf(tollgate.Internal, "node %d of the audit log's tree is missing; \"tollgate audit verify\" says what is still proved", position)
		}
		nodes[i] = found[at].hash
	}
	return nodes, nil
}

type node struct {
	position int64
	hash     tollgate.AuditHash
}

func scanNode(row scanner) (n node, err error) {
	var text string
	if err := row.Scan(&n.position, &text); err != nil {
		return n, err
	}
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != len(n.hash) {
		return n, tollgate.Errorf(tollgate.Internal, "node %d of the audit log's tree cannot be read; it was changed from outside, or the database is damaged", n.position)
	}
	copy(n.hash[:], raw)
	return n, nil
}

func scanNamedHead(row scanner) (tollgate.AuditHead, error) {
	var name, hash string
	var length int64
	if err := row.Scan(&name, &length, &hash); err != nil {
		return tollgate.AuditHead{}, err
	}
	return headOf(name, length, hash)
}
