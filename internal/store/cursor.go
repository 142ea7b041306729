package store

import (
	"context"
	"database/sql"

	"tollgate"
)

// BeginSink notes where a sink of the audit log begins that has never begun: with
// what is recorded from now on, or with everything that is there. One that has
// begun goes on where it was.
func (s *Store) BeginSink(ctx context.Context, sink string, fromNow bool) error {
	begun, err := find(ctx, s.read, scanNumber, "SELECT through FROM audit_cursor WHERE sink = ? AND chain_id = 0", sink)
	if err != nil || len(begun) > 0 {
		return err
	}
	return s.change(ctx, func(tx *sql.Tx) error {
		checkpoints, records := "0", "retired"
		if fromNow {
			checkpoints, records = "coalesce((SELECT max(size) FROM audit_checkpoint), 0)", "length"
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO audit_cursor (sink, chain_id, through) SELECT ?, 0, "+checkpoints, sink)
		if err == nil {
			_, err = tx.ExecContext(ctx, "INSERT INTO audit_cursor (sink, chain_id, through) SELECT ?, chain_id, "+records+" FROM audit_chain WHERE "+records+" > 0", sink)
		}
		return err
	})
}

// SinkBacklog are the chains of which a sink that has begun has not got
// everything, in the order in which they were begun.
func (s *Store) SinkBacklog(ctx context.Context, sink string) ([]tollgate.AuditBacklog, error) {
	return find(ctx, s.read, scanBacklog, `
		SELECT name, coalesce(through, 0), length FROM audit_chain
		LEFT JOIN audit_cursor ON audit_cursor.chain_id = audit_chain.chain_id AND sink = ?
		WHERE length > coalesce(through, 0) ORDER BY audit_chain.chain_id`, sink)
}

func scanBacklog(row scanner) (b tollgate.AuditBacklog, err error) {
	return b, row.Scan(&b.Chain, &b.Through, &b.Length)
}

// SinkCheckpoints are those that a sink has not got, oldest first. Everything that
// they commit to is in a backlog that is read after them.
func (s *Store) SinkCheckpoints(ctx context.Context, sink string) ([]tollgate.AuditCheckpoint, error) {
	return find(ctx, s.read, scanCheckpoint, `
		SELECT size, note FROM audit_checkpoint
		WHERE size > (SELECT through FROM audit_cursor WHERE sink = ? AND chain_id = 0) ORDER BY size`, sink)
}

func scanCheckpoint(row scanner) (c tollgate.AuditCheckpoint, err error) {
	return c, row.Scan(&c.Size, &c.Note)
}

// SinkRecords are the records of a chain with numbers above after, up to through,
// and no more than limit of them.
func (s *Store) SinkRecords(ctx context.Context, chain string, after, through int64, limit int) ([]tollgate.AuditRecord, error) {
	scan := func(row scanner) (r tollgate.AuditRecord, err error) {
		r.Chain = chain
		return r, row.Scan(&r.Number, &r.Line)
	}
	return find(ctx, s.read, scan, `
		SELECT place - (chain_id << 40), line FROM audit_chain
		JOIN audit_record ON place > (chain_id << 40) + ? AND place <= (chain_id << 40) + ?
		WHERE name = ? ORDER BY place LIMIT ?`, after, through, chain, limit)
}

var cursorMoved = tollgate.Errorf(tollgate.Conflict, "how far the sink has come was noted by another process meanwhile")

// MoveSink notes that a sink that was told a chain up to the record from has it up
// to the record to. It is a Conflict when it was told up to another one. What a
// power cut takes back is delivered again.
func (s *Store) MoveSink(ctx context.Context, sink, chain string, from, to int64) error {
	return s.moveSink(ctx, `
		INSERT INTO audit_cursor (sink, chain_id, through) SELECT ?, chain_id, ? FROM audit_chain WHERE name = ?
		ON CONFLICT (sink, chain_id) DO UPDATE SET through = excluded.through WHERE audit_cursor.through = ?`, sink, to, chain, from)
}

// MoveSinkCheckpoint is MoveSink for checkpoints, by the sizes of their trees.
func (s *Store) MoveSinkCheckpoint(ctx context.Context, sink string, to int64) error {
	return s.moveSink(ctx, "UPDATE audit_cursor SET through = ? WHERE sink = ? AND chain_id = 0 AND through < ?", to, sink, to)
}

func (s *Store) moveSink(ctx context.Context, text string, args ...any) error {
	return s.changeOn(ctx, "NORMAL", func(_ *sql.Conn, tx *sql.Tx) error {
		moved, err := count(tx.ExecContext(ctx, text, args...))
		if err == nil && moved == 0 {
			err = cursorMoved
		}
		return err
	})
}

// SinksBehind are those of the named sinks that have begun and have not got a
// chain up to this record. Whoever removes records asks before it does.
func (s *Store) SinksBehind(ctx context.Context, sinks []string, chain string, through int64) ([]string, error) {
	return sinksBehind(ctx, s.read, sinks, chain, through)
}

func sinksBehind(ctx context.Context, from querier, sinks []string, chain string, through int64) ([]string, error) {
	if len(sinks) == 0 {
		return nil, nil
	}
	args := []any{chain}
	for _, sink := range sinks {
		args = append(args, sink)
	}
	return find(ctx, from, scanText, `
		SELECT begun.sink FROM audit_cursor AS begun
		LEFT JOIN audit_cursor AS reached ON reached.sink = begun.sink
			AND reached.chain_id = (SELECT chain_id FROM audit_chain WHERE name = ?)
		WHERE begun.chain_id = 0 AND begun.sink IN (`+placeholders(len(sinks))+`) AND coalesce(reached.through, 0) < ?
		ORDER BY begun.sink`, append(args, through)...)
}
