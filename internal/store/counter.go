package store

import (
	"context"
	"database/sql"
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

// arrival numbers rows in the order in which they were added. SQLite keeps it
// beside every row, one more than that of the row before.
const arrival = "request.rowid"

// counters keep what has been spent from each budget in step with the rows. They
// belong to whoever adds rows.
type counters struct {
	rules *rules // of the last transaction that had any; may be of an older version
}

// mark is how far rows and counters are.
type mark struct {
	version string // of the rules; empty when there never was a budget
	counted int64  // the last row that is counted
	newest  int64  // the last row that is there
}

func readMark(ctx context.Context, from querier) (m mark, err error) {
	const text = `
		SELECT coalesce((SELECT value FROM setting WHERE name = '` + rulesVersion + `'), ''),
		       coalesce((SELECT CAST(value AS BIGINT) FROM setting WHERE name = '` + countedThrough + `'), 0),
		       coalesce((SELECT max(` + arrival + `) FROM request), 0)`
	found, err := find(ctx, from, func(row scanner) (m mark, err error) {
		return m, row.Scan(&m.version, &m.counted, &m.newest)
	}, text)
	if err != nil {
		return m, err
	}
	return found[0], nil
}

// add counts rows that the transaction has just added.
func (c *counters) add(ctx context.Context, tx *sql.Tx, fresh []*tollgate.Exchange) error {
	at, err := readMark(ctx, tx)
	if err != nil || at.version == "" || len(fresh) == 0 {
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
	before := at.newest - int64(len(fresh))
	if err := c.rules.reach(ctx, tx, at.counted, before); err != nil {
		return err
	}
	t := tally{}
	for _, x := range fresh {
		if x.Cost != 0 {
			c.rules.count(t, x.Principal, tollgate.BareModel(x.Model), x.Time, x.Cost)
		}
	}
	if err := t.keep(ctx, tx); err != nil {
		return err
	}
	return keepNumber(ctx, tx, countedThrough, at.newest)
}

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
