package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
)

// prepared is one of the driver's own statements, kept from one transaction to
// the next: database/sql would have it compiled each time, and look at each
// argument again. It belongs to whoever has the writing connection.
type prepared struct {
	text string

	conn      driver.Conn // the one that the statement is prepared on
	statement driver.Stmt
	args      []driver.NamedValue
}

// on makes the statement, unless it is there for this connection.
func (p *prepared) on(ctx context.Context, conn driver.Conn) (err error) {
	if p.conn == conn {
		return nil
	}
	p.conn = nil
	if p.statement, err = conn.(driver.ConnPrepareContext).PrepareContext(ctx, p.text); err != nil {
		return err
	}
	p.conn = conn
	return nil
}

// execute says how many rows it changed.
func (p *prepared) execute(ctx context.Context, values ...any) (int64, error) {
	result, err := p.statement.(driver.StmtExecContext).ExecContext(ctx, p.bind(values))
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (p *prepared) bind(values []any) []driver.NamedValue {
	for at, value := range values {
		if at == len(p.args) {
			p.args = append(p.args, driver.NamedValue{Ordinal: at + 1})
		}
		p.args[at].Value = value
	}
	return p.args[:len(values)]
}

// first reads the first row that the statement finds, if there is one.
func (p *prepared) first(ctx context.Context, into []driver.Value, values ...any) error {
	rows, err := p.statement.(driver.StmtQueryContext).QueryContext(ctx, p.bind(values))
	if err != nil {
		return err
	}
	if err = rows.Next(into); errors.Is(err, io.EOF) {
		err = nil
	}
	return errors.Join(err, rows.Close())
}

// close gives the statement back, unless its connection is gone: database/sql
// discards one whose transaction was interrupted, and the driver must not be
// handed a statement of it.
func (p *prepared) close() error {
	if p.conn == nil || !p.conn.(driver.Validator).IsValid() {
		return nil
	}
	return p.statement.Close()
}
