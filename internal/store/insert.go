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
// before, good until the next call, each with its record in the chain. A
// transaction is open on conn; profiles has the id of each request's profile, and
// persons the pseudonym of its developer.
func (i *inserter) insert(ctx context.Context, conn *sql.Conn, batch []*tollgate.Exchange, profiles []int64, persons []string, chain *chain) (fresh []*tollgate.Exchange, err error) {
	clear(i.fresh)
	i.fresh = i.fresh[:0]
	err = conn.Raw(func(raw any) error {
		if err := i.statement.on(ctx, raw.(driver.Conn)); err != nil {
			return err
		}
		if err := chain.enter(ctx, raw.(driver.Conn)); err != nil {
			return err
		}
		for n, x := range batch {
			at, number := chain.next()
			i.values = append(values(i.values[:0], x, profiles[n]), at, number)
			added, err := i.statement.execute(ctx, i.values...)
			if err != nil {
				return err
			}
			if added == 0 {
				continue
			}
			if err := chain.record(ctx, x, persons[n]); err != nil {
				return err
			}
			i.fresh = append(i.fresh, x)
		}
		return chain.leave(ctx)
	})
	return i.fresh, err
}
