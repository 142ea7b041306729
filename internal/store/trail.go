package store

import (
	"context"
	"database/sql"
	"fmt"
	"iter"

	"tollgate"
)

// Trail is the audit log as it is stored, for whoever verifies or copies it.
// Records are only ever added, so that those which are read after a state reach
// as far as it says.
type Trail struct{ store *Store }

// Trail gives access to it.
func (s *Store) Trail() Trail { return Trail{s} }

// State is everything but the records.
func (t Trail) State(ctx context.Context) (state tollgate.AuditState, err error) {
	err = t.store.view(ctx, func(tx *sql.Tx) error {
		if state.Heads, err = find(ctx, tx, scanNamedHead, "SELECT name, length, hash FROM audit_chain ORDER BY chain_id"); err != nil {
			return err
		}
		if state.Leaves, err = find(ctx, tx, scanText, "SELECT line FROM audit_leaf ORDER BY position"); err != nil {
			return err
		}
		state.Checkpoints, err = find(ctx, tx, scanText, "SELECT note FROM audit_checkpoint ORDER BY size")
		return err
	})
	return state, err
}

// Size is how many bytes the first records of a chain have, up to that number.
func (t Trail) Size(ctx context.Context, chain string, through int64) (bytes int64, err error) {
	sizes, err := find(ctx, t.store.read, scanNumber, `
		SELECT coalesce(sum(length(CAST(line AS BLOB))), 0) FROM audit_chain
		JOIN audit_record ON place > (chain_id << 40) AND place <= (chain_id << 40) + ? WHERE name = ?`, through, chain)
	if err != nil || len(sizes) == 0 {
		return 0, err
	}
	return sizes[0], nil
}

// numbered is a line and where it is stored.
type numbered struct {
	number int64
	line   []byte
}

// linesAtOnce is how many records are read in one go.
const linesAtOnce = 4096

// Lines are the records of a chain in the order of their numbers, from one on:
// the number under which each is stored, and what was hashed.
func (t Trail) Lines(ctx context.Context, chain string, from int64) iter.Seq2[tollgate.AuditRecord, error] {
	return func(yield func(tollgate.AuditRecord, error) bool) {
		ids, err := find(ctx, t.store.read, scanNumber, "SELECT chain_id FROM audit_chain WHERE name = ?", chain)
		if err == nil && len(ids) == 0 {
			err = tollgate.Errorf(tollgate.NotFound, "there is no chain %q in the audit log", chain)
		}
		if err != nil {
			yield(tollgate.AuditRecord{}, err)
			return
		}
		scan := func(row scanner) (n numbered, err error) {
			err = row.Scan(&n.number, &n.line)
			n.number -= place(ids[0], 0)
			return n, err
		}
		for {
			some, err := find(ctx, t.store.read, scan, fmt.Sprintf("SELECT place, line FROM audit_record WHERE place >= ? AND place < ? ORDER BY place LIMIT %d", linesAtOnce),
				place(ids[0], from), place(ids[0]+1, 0))
			if err != nil {
				yield(tollgate.AuditRecord{}, err)
				return
			}
			for _, n := range some {
				if !yield(tollgate.AuditRecord{Chain: chain, Number: n.number, Line: n.line}, nil) {
					return
				}
				from = n.number + 1
			}
			if len(some) < linesAtOnce {
				return
			}
		}
	}
}

// rowsAtOnce is how many rows of the ledger are read in one go.
const rowsAtOnce = 1024

// Rows are the rows of the ledger with their records, in the order of their ids:
// all since the log was begun.
func (t Trail) Rows(ctx context.Context) iter.Seq2[tollgate.AuditedRow, error] {
	text := "SELECT " + requestColumns + ", " + profileColumns + fmt.Sprintf(`, coalesce(audit_chain.name, ''), audit_number, line, coalesce((SELECT person.id FROM person WHERE person.email = developer), developer)
		FROM request JOIN profile USING (profile_id)
		LEFT JOIN audit_chain ON audit_chain.chain_id = request.audit_chain
		LEFT JOIN audit_record ON place = (request.audit_chain << 40) + audit_number
		WHERE request.id > ? AND (audit_number > 0 OR time >= (SELECT min(begun_at) FROM audit_chain))
		ORDER BY request.id LIMIT %d`, rowsAtOnce)
	return func(yield func(tollgate.AuditedRow, error) bool) {
		for after, more := "", true; more; {
			some, err := find(ctx, t.store.read, scanAudited, text, after)
			if err != nil {
				yield(tollgate.AuditedRow{}, err)
				return
			}
			for _, row := range some {
				if !yield(row, nil) {
					return
				}
				after = row.Request.ID
			}
			more = len(some) == rowsAtOnce
		}
	}
}

func scanAudited(row scanner) (audited tollgate.AuditedRow, err error) {
	audited.Request = new(tollgate.Exchange)
	into := append(fields(audited.Request), profileFields(audited.Request)...)
	return audited, row.Scan(append(into, &audited.Chain, &audited.Number, &audited.Line, &audited.Person)...)
}

func scanNumber(row scanner) (n int64, err error) { return n, row.Scan(&n) }
