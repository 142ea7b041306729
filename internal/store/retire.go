package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"tollgate"
)

// Retirement is the end of records' time.
type Retirement struct {
	Before time.Time // records go that a checkpoint from before then commits to
	At     time.Time // now
	Sinks  []string  // by name: records stay until these have them
}

// Retired is what became of it.
type Retired struct {
	Records int64
	Held    bool     // nothing was retired: a legal hold is in force
	Behind  []string // nothing was retired: these sinks have not got it all
}

// retiring is the action of the record about it.
const retiring tollgate.AuditAction = "audit.retire"

// Retire ends the time of records, all or nothing: each chain begins from then on
// behind the last record to which the last checkpoint before a moment commits. A
// signed note says so, and a record has that note. What is retired is removed by
// RemoveRetired.
func (s *Store) Retire(ctx context.Context, notary Notary, order Retirement) (done Retired, err error) {
	err = s.change(ctx, func(tx *sql.Tx) error {
		done = Retired{}
		last, leaves, err := leavesBefore(ctx, tx, order.Before)
		if err != nil || len(leaves) == 0 {
			return err
		}
		if holds, err := find(ctx, tx, scanNumber, "SELECT count(*) FROM audit_hold"); err != nil || holds[0] > 0 {
			done.Held = err == nil
			return err
		}
		heads, signed, err := notary.Retire(last.Note, last.Size, leaves, order.Before, order.At)
		if err != nil {
			return err
		}
		for _, head := range heads {
			behind, err := sinksBehind(ctx, tx, order.Sinks, head.Chain, head.Length)
			if err != nil {
				return err
			}
			done.Behind = append(done.Behind, behind...)
		}
		if len(done.Behind) > 0 {
			slices.Sort(done.Behind)
			done.Behind = slices.Compact(done.Behind)
			return nil
		}
		for _, head := range heads {
			records, err := retire(ctx, tx, head)
			if err != nil {
				return err
			}
			done.Records += records
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO audit_retirement (size, time, note) VALUES (?, ?, ?)", last.Size, micros(order.At), signed); err != nil {
			return err
		}
		about, _ := json.Marshal(map[string]any{"before": order.Before.UTC(), "records": done.Records, "note": signed}) // such values always marshal
		return s.note(ctx, tx, tollgate.AuditEvent{Time: order.At, Action: retiring, Actor: "gateway", Object: "audit log", Outcome: "done", About: about})
	})
	if err != nil {
		return Retired{}, err
	}
	return done, nil
}

// leavesBefore are those that the last checkpoint before a moment has in its tree
// and the last retirement has not; and that checkpoint.
func leavesBefore(ctx context.Context, tx *sql.Tx, before time.Time) (last tollgate.AuditCheckpoint, leaves []string, err error) {
	found, err := find(ctx, tx, scanCheckpoint, "SELECT size, note FROM audit_checkpoint WHERE time < ? ORDER BY size DESC LIMIT 1", micros(before))
	if err != nil || len(found) == 0 {
		return last, nil, err
	}
	last = found[0]
	leaves, err = find(ctx, tx, scanText, `
		SELECT line FROM audit_leaf
		WHERE position >= (SELECT coalesce(max(size), 0) FROM audit_retirement) AND position < ? ORDER BY position`, last.Size)
	return last, leaves, err
}

// retire moves the beginning of a chain, and of what each sink is still to get of
// it: one that is not configured any more has missed what is gone.
func retire(ctx context.Context, tx *sql.Tx, through tollgate.AuditHead) (records int64, err error) {
	was, err := find(ctx, tx, scanNumber, "SELECT retired FROM audit_chain WHERE name = ? AND length >= ?", through.Chain, through.Length)
	if err != nil {
		return 0, err
	}
	if len(was) == 0 {
		return 0, tollgate.Errorf(tollgate.Internal, "chain %s is not as long as a checkpoint says; \"tollgate audit verify\" says what is wrong with it", through.Chain)
	}
	if _, err := tx.ExecContext(ctx, "UPDATE audit_chain SET retired = ?, retired_hash = ? WHERE name = ?", through.Length, hex.EncodeToString(through.Hash[:]), through.Chain); err != nil {
		return 0, err
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO audit_cursor (sink, chain_id, through)
		SELECT sink, (SELECT chain_id FROM audit_chain WHERE name = ?), ? FROM audit_cursor WHERE chain_id = 0
		ON CONFLICT (sink, chain_id) DO UPDATE SET through = max(through, excluded.through)`, through.Chain, through.Length)
	return through.Length - was[0], err
}

// removeAtOnce is how many records are removed in one go, so that nobody who
// writes waits for long.
const removeAtOnce = 500

// RemoveRetired removes some of the records that are retired, with what they are
// found by, and says whether there are more. It removes none while somebody reads
// the whole log, nor while a legal hold is in force. What a power cut takes back is removed again.
func (s *Store) RemoveRetired(ctx context.Context) (more bool, err error) {
	if !s.reading.TryLock() {
		return false, nil
	}
	defer s.reading.Unlock()
	err = s.changeOn(ctx, "NORMAL", func(_ *sql.Conn, tx *sql.Tx) error {
		left, err := find(ctx, tx, scanLeftover, `
			SELECT chain_id, retired, (SELECT min(place) FROM audit_record WHERE place > (chain_id << 40) AND place <= (chain_id << 40) + retired) AS first
			FROM audit_chain WHERE retired > 0 AND first IS NOT NULL AND NOT EXISTS (SELECT 1 FROM audit_hold) ORDER BY chain_id LIMIT 1`)
		if err != nil || len(left) == 0 {
			return err
		}
		more = true
		chain, through, first := left[0].chain, left[0].retired, left[0].first
		last := min(place(chain, through), first+removeAtOnce-1)
		if _, err := tx.ExecContext(ctx, "DELETE FROM audit_record WHERE place >= ? AND place <= ?", first, last); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "DELETE FROM audit_event WHERE chain_id = ? AND number <= ?", chain, last-place(chain, 0))
		return err
	})
	return more && err == nil, err
}

// leftover is a chain of which retired records are still there.
type leftover struct{ chain, retired, first int64 }

func scanLeftover(row scanner) (l leftover, err error) {
	return l, row.Scan(&l.chain, &l.retired, &l.first)
}

// Keep keeps every record where it is until it is released: for whoever reads the
// whole log.
func (t Trail) Keep() (release func()) {
	t.store.reading.RLock()
	return t.store.reading.RUnlock
}
