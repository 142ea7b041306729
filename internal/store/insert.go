package store

import (
	"context"
	"database/sql"
	"database/sql/driver"

	"tollgate"
)

// inserter writes rows of the ledger through the driver's own statement:
// database/sql would look at each of their arguments again, which is a sixth of
// a row's price. It belongs to whoever has the writing connection.
type inserter struct {
	conn      driver.Conn // the one that the statement is prepared on
	statement driver.Stmt
	args      []driver.NamedValue
	values    []any
	fresh     []*tollgate.Exchange
}

// insert writes one row for each request and returns those that had none
// before, good until the next call. A transaction is open on conn, and profiles
// has the id of each request's profile.
func (i *inserter) insert(ctx context.Context, conn *sql.Conn, batch []*tollgate.Exchange, profiles []int64) (fresh []*tollgate.Exchange, err error) {
	clear(i.fresh)
	i.fresh = i.fresh[:0]
	err = conn.Raw(func(raw any) error {
		if err := i.prepare(ctx, raw.(driver.Conn)); err != nil {
			return err
		}
		for n, x := range batch {
			i.values = values(i.values[:0], x, profiles[n])
			for at, value := range i.values {
				i.args[at].Value = value
			}
			added, err := i.execute(ctx)
			if err != nil {
				return err
			}
			if added {
				i.fresh = append(i.fresh, x)
			}
		}
		return nil
	})
	return i.fresh, err
}

// execute says whether it added a row.
func (i *inserter) execute(ctx context.Context) (added bool, err error) {
	result, err := i.statement.(driver.StmtExecContext).ExecContext(ctx, i.args)
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n != 0, err
}

// prepare makes the statement, unless it is there for this connection.
func (i *inserter) prepare(ctx context.Context, conn driver.Conn) (err error) {
	if i.conn == conn {
		return nil
	}
	i.conn = nil
	if i.statement, err = conn.(driver.ConnPrepareContext).PrepareContext(ctx, insertRequest); err != nil {
		return err
	}
	i.conn = conn
	i.args = make([]driver.NamedValue, columnCount)
	for at := range i.args {
		i.args[at].Ordinal = at + 1
	}
	return nil
}

// close gives the statement back, unless its connection is gone: database/sql
// discards one whose transaction was interrupted, and the driver must not be
// handed a statement of it.
func (i *inserter) close() error {
	if i.conn == nil || !i.conn.(driver.Validator).IsValid() {
		return nil
	}
	return i.statement.Close()
}
