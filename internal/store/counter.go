package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"strconv"
	"time"

	"tollgate"
)

// The settings that the counters stand on.
const (
	rulesVersion   = "budget_rules"    // counts the changes of what rows are paid from
	countedThrough = "counted_through" // the last row that is in the counters, by its arrival in the table
	countedSince   = "counted_since"   // counters of windows that had ended by then are forgotten
)

// counters keep what has been spent from each budget in step with the rows. They
// belong to whoever adds rows.
type counters struct {
	mark, add, note prepared
	rules           *rules // of the last transaction that had any; may be of an older version
}

func newCounters() counters {
	return counters{
		mark: prepared{text: selectMark},
		add:  prepared{text: addToCounter},
		note: prepared{text: "UPDATE setting SET value = ? WHERE name = '" + countedThrough + "'"},
	}
}

// count counts rows that the transaction on conn has just added.
func (c *counters) count(ctx context.Context, conn *sql.Conn, tx *sql.Tx, fresh []*tollgate.Exchange) error {
	if len(fresh) == 0 {
		return nil
	}
	at, err := c.readMark(ctx, conn)
	if err != nil || at.version == 0 {
		return err
	}
	if c.rules == nil || c.rules.version != at.version {
		if c.rules, err = readRules(ctx, tx); err != nil {
			return err
		}
	}
	if len(c.rules.budgets) == 0 {
		return nil
	}
	if err := c.rules.reach(ctx, tx, at.counted, at.newest-int64(len(fresh))); err != nil {
		return err
	}
	return c.keep(ctx, conn, c.rules.tally(fresh), at.newest)
}

func (c *counters) readMark(ctx context.Context, conn *sql.Conn) (m mark, err error) {
	var found [3]driver.Value
	err = conn.Raw(func(raw any) error {
		if err := c.mark.on(ctx, raw.(driver.Conn)); err != nil {
			return err
		}
		return c.mark.first(ctx, found[:])
	})
	if err != nil {
		return m, err
	}
	return mark{found[0].(int64), found[1].(int64), found[2].(int64)}, nil
}

// keep adds the tally to the counters and notes how far they go.
func (c *counters) keep(ctx context.Context, conn *sql.Conn, t tally, newest int64) error {
	return conn.Raw(func(raw any) error {
		err := errors.Join(c.add.on(ctx, raw.(driver.Conn)), c.note.on(ctx, raw.(driver.Conn)))
		if err != nil {
			return err
		}
		for key, of := range t {
			if _, err := c.add.execute(ctx, counterValues(key, of)...); err != nil {
				return err
			}
		}
		_, err = c.note.execute(ctx, strconv.FormatInt(newest, 10))
		return err
	})
}

func (c *counters) close() error { return errors.Join(c.mark.close(), c.add.close(), c.note.close()) }

// reach counts the rows after counted, up to newest. There are some when a
// tollgate that knew no counters has added rows: the one before this one, until
// it has handed over.
func (r *rules) reach(ctx context.Context, tx *sql.Tx, counted, newest int64) error {
	if counted == newest {
		return nil
	}
	chosen := new(conditions)
	chosen.and(arrival+" > ?", counted)
	chosen.and(arrival+" <= ?", newest)
	t, err := r.tallyRows(ctx, tx, chosen)
	if err != nil {
		return err
	}
	return t.keep(ctx, tx)
}

// catchUp counts what is not counted yet.
func catchUp(ctx context.Context, tx *sql.Tx) error {
	at, err := readMark(ctx, tx)
	if err != nil {
		return err
	}
	r, err := readRules(ctx, tx)
	if err != nil {
		return err
	}
	if err := r.reach(ctx, tx, at.counted, at.newest); err != nil {
		return err
	}
	return keepNumber(ctx, tx, countedThrough, at.newest)
}

// beginCounting gives a new budget its counters. Everything is counted so far.
func beginCounting(ctx context.Context, tx *sql.Tx, b tollgate.Budget) error {
	r, err := readRules(ctx, tx)
	if err != nil {
		return err
	}
	t, err := r.only(b).tallyAll(ctx, tx)
	if err != nil {
		return err
	}
	if err := t.keep(ctx, tx); err != nil {
		return err
	}
	return renewRules(ctx, tx)
}

// recount makes all counters anew from the rows.
func recount(ctx context.Context, tx *sql.Tx) error {
	if _, err := tx.ExecContext(ctx, "DELETE FROM budget_counter"); err != nil {
		return err
	}
	r, err := readRules(ctx, tx)
	if err != nil {
		return err
	}
	t, err := r.tallyAll(ctx, tx)
	if err != nil {
		return err
	}
	if err := t.keep(ctx, tx); err != nil {
		return err
	}
	at, err := readMark(ctx, tx)
	if err != nil {
		return err
	}
	return keepNumber(ctx, tx, countedThrough, at.newest)
}

// counterTime is how long a counter is kept after the end of its window. Rows
// that come later still are counted nowhere.
const counterTime = 100 * 24 * time.Hour

// forgetCounters forgets those of windows that ended long before now and before
// the newest row, so that a clock that is wrong forgets nothing.
func (s *Store) forgetCounters(ctx context.Context, now time.Time) error {
	return s.change(ctx, func(tx *sql.Tx) error {
		newest, err := find(ctx, tx, scanMoment, "SELECT time FROM request ORDER BY id DESC LIMIT 1")
		if err != nil || len(newest) == 0 {
			return err
		}
		until := now.Add(-counterTime)
		if late := newest[0].Add(-counterTime); late.Before(until) {
			until = late
		}
		forgotten, err := count(tx.ExecContext(ctx, "DELETE FROM budget_counter WHERE ends_at > 0 AND ends_at <= ?", micros(until)))
		if err != nil || forgotten == 0 {
			return err
		}
		if err := keepNumber(ctx, tx, countedSince, micros(until)); err != nil {
			return err
		}
		return renewRules(ctx, tx)
	})
}

func countedSinceOf(ctx context.Context, from querier) (time.Time, error) {
	since, err := numberBy(ctx, from, countedSince)
	return moment(since), err
}

// numberBy is a setting that is a number, 0 when it is not there.
func numberBy(ctx context.Context, from querier, name string) (int64, error) {
	text, err := settingBy(ctx, from, name)
	if err != nil || text == "" {
		return 0, err
	}
	return strconv.ParseInt(text, 10, 64)
}

func keepNumber(ctx context.Context, tx querier, name string, number int64) error {
	return keepSetting(ctx, tx, name, strconv.FormatInt(number, 10))
}
