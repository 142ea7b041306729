package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"tollgate"
)

const (
	alertColumns = "budget, member, starts_at, sink, threshold, ends_at, raised_at, attempts, delivered_at, given_up_at, error, text"
	selectAlert  = "SELECT " + alertColumns + " FROM alert"

	// alertWaits is what is said of those that wait, as in the index.
	alertWaits = "delivered_at = 0 AND given_up_at = 0"

	thisAlert = "budget = ? AND member = ? AND starts_at = ? AND sink = ? AND threshold = ?"
)

// RaiseAlerts puts alerts into the outbox, all or none. Those whose sink has
// one there at the same threshold or above, for the same member and window of
// the budget, are left out.
func (s *Store) RaiseAlerts(ctx context.Context, alerts []tollgate.Alert) error {
	return s.change(ctx, func(tx *sql.Tx) error {
		for i := range alerts {
			if err := raiseAlert(ctx, tx, &alerts[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

func raiseAlert(ctx context.Context, tx *sql.Tx, a *tollgate.Alert) error {
	const insert = `
		INSERT INTO alert (budget, member, starts_at, sink, threshold, ends_at, raised_at, text)
		SELECT ?, ?, ?, ?, ?, ?, ?, ? WHERE NOT EXISTS
			(SELECT 1 FROM alert WHERE budget = ? AND member = ? AND starts_at = ? AND sink = ? AND threshold >= ?)`
	text, err := json.Marshal(a.Text)
	if err != nil {
		return err
	}
	args := append(alertKey(a), micros(a.Text.Reset), micros(a.Raised), string(text))
	_, err = tx.ExecContext(ctx, insert, append(args, alertKey(a)...)...)
	return err
}

// alertKey are the values for thisAlert.
func alertKey(a *tollgate.Alert) []any {
	return []any{a.Budget, a.Member.String(), micros(a.Start), a.Sink, int64(a.Threshold)}
}

// NextAlert is the alert for a sink that waits and has failed the least, and
// among these the oldest.
func (s *Store) NextAlert(ctx context.Context, sink string) (alert tollgate.Alert, waits bool, err error) {
	found, err := find(ctx, s.read, scanAlert, selectAlert+" WHERE sink = ? AND "+alertWaits+" ORDER BY attempts, raised_at LIMIT 1", sink)
	if err != nil || len(found) == 0 {
		return tollgate.Alert{}, false, err
	}
	return found[0], true, nil
}

// NoteAlert keeps the attempts, the error and the delivery of an alert. One
// that is not in the outbox is NotFound.
func (s *Store) NoteAlert(ctx context.Context, alert tollgate.Alert) error {
	return s.change(ctx, func(tx *sql.Tx) error {
		args := append([]any{int64(alert.Attempts), micros(alert.Delivered), alert.Error}, alertKey(&alert)...)
		noted, err := count(tx.ExecContext(ctx, "UPDATE alert SET attempts = ?, delivered_at = ?, error = ? WHERE "+thisAlert, args...))
		if err == nil && noted == 0 {
			err = tollgate.Errorf(tollgate.NotFound, "there is no such alert")
		}
		return err
	})
}

// alertMemory is how long after its window an alert is kept.
const alertMemory = 30 * 24 * time.Hour

// GiveUpAlerts ends the waiting of alerts whose window ended before that, and
// returns them. It removes what is much older.
func (s *Store) GiveUpAlerts(ctx context.Context, ended, at time.Time) (given []tollgate.Alert, err error) {
	err = s.change(ctx, func(tx *sql.Tx) (err error) {
		const giveUp = "UPDATE alert SET given_up_at = ? WHERE ends_at <> 0 AND ends_at < ? AND " + alertWaits + " RETURNING " + alertColumns
		if given, err = find(ctx, tx, scanAlert, giveUp, micros(at), micros(ended)); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "DELETE FROM alert WHERE ends_at <> 0 AND ends_at < ?", micros(ended.Add(-alertMemory)))
		return err
	})
	return given, err
}

func scanAlert(row scanner) (a tollgate.Alert, err error) {
	var member, text string
	var ends int64
	err = row.Scan(&a.Budget, &member, (*instant)(&a.Start), &a.Sink, &a.Threshold, &ends, (*instant)(&a.Raised),
		&a.Attempts, (*instant)(&a.Delivered), (*instant)(&a.GivenUp), &a.Error, &text)
	if err == nil && member != "" {
		a.Member, err = tollgate.ParseScope(member)
	}
	if err == nil {
		err = json.Unmarshal([]byte(text), &a.Text)
	}
	return a, err
}
