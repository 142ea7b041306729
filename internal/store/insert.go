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
	statement prepared
	values    []any
	fresh     []*tollgate.Exchange
}

func newInserter() inserter { return inserter{statement: prepared{text: insertRequest}} }

// insert writes one row for each request and returns those that had none
// before, good until the next call. A transaction is open on conn, and profiles
// has the id of each request's profile.
func (i *inserter) insert(ctx context.Context, conn *sql.Conn, batch []*tollgate.Exchange, profiles []int64) (fresh []*tollgate.Exchange, err error) {
	clear(i.fresh)
	i.fresh = i.fresh[:0]
	err = conn.Raw(func(raw any) error {
		if err := i.statement.on(ctx, raw.(driver.Conn)); err != nil {
			return err
		}
		for n, x := range batch {
			i.values = values(i.values[:0], x, profiles[n])
			added, err := i.statement.execute(ctx, i.values...)
			if err != nil {
				return err
			}
			if added > 0 {
				i.fresh = append(i.fresh, x)
			}
		}
		return nil
	})
	return i.fresh, err
}
