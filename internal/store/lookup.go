package store

import (
	"context"
	"strconv"
	"strings"

	"tollgate"
)

// Record looks one record up: by the id of its request or of its event, or by its
// chain and number, as in chn_…/12.
func (t Trail) Record(ctx context.Context, id string) (tollgate.AuditRecord, error) {
	const from = "SELECT name, place - (chain_id << 40), line FROM audit_record JOIN audit_chain ON chain_id = place >> 40 WHERE place = "
	missing := tollgate.Errorf(tollgate.NotFound, "there is no record %q in the audit log; give the id of a request or an event, or a chain and a number as in chn_…/12", id)
	switch chain, number, numbered := strings.Cut(id, "/"); {
	case numbered:
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil || n < 1 || n >= 1<<40 {
			return tollgate.AuditRecord{}, missing
		}
		return findOne(ctx, t.store.read, missing, scanRecord, from+"(SELECT (chain_id << 40) + ? FROM audit_chain WHERE name = ?)", n, chain)
	case strings.HasPrefix(id, "evt_"):
		return findOne(ctx, t.store.read, missing, scanRecord, from+"(SELECT (chain_id << 40) + number FROM audit_event WHERE id = ?)", id)
	}
	return findOne(ctx, t.store.read, missing, scanRecord, from+"(SELECT (audit_chain << 40) + audit_number FROM request WHERE id = ? AND audit_number > 0)", id)
}

func scanRecord(row scanner) (r tollgate.AuditRecord, err error) {
	return r, row.Scan(&r.Chain, &r.Number, &r.Line)
}

// Commitment finds what commits to a record.
func (t Trail) Commitment(ctx context.Context, r tollgate.AuditRecord) (c tollgate.AuditCommitment, err error) {
	leaves, err := find(ctx, t.store.read, scanLeaf, "SELECT position, line FROM audit_leaf WHERE line >= ? AND line < ? ORDER BY position", r.Chain+" ", r.Chain+"!")
	if err != nil {
		return c, err
	}
	for _, leaf := range leaves {
		_, rest, _ := strings.Cut(leaf.Leaf, " ")
		length, _, _ := strings.Cut(rest, " ")
		if n, err := strconv.ParseInt(length, 10, 64); err != nil || n < r.Number {
			continue
		}
		notes, err := find(ctx, t.store.read, scanText, "SELECT note FROM audit_checkpoint WHERE size > ? ORDER BY size LIMIT 1", leaf.Position)
		if err != nil || len(notes) == 0 {
			return c, err
		}
		leaf.Checkpoint = notes[0]
		return leaf, nil
	}
	return c, nil
}

func scanLeaf(row scanner) (c tollgate.AuditCommitment, err error) {
	return c, row.Scan(&c.Position, &c.Leaf)
}
