package store

import (
	"context"
	"database/sql"
	"encoding/hex"

	"tollgate"
)

// The names in the table of settings.
const (
	timeZone    = "time_zone"
	pepperCheck = "pepper_check"
	syncedAt    = "synced_at"
	namesRead   = "names_read"
)

// howNamesAreRead changes whenever the globs of budgets come to fit other names
// of models: counters that an earlier binary kept are then of other rows. With
// 2, every spelling of a model is that model.
const howNamesAreRead = "2"

// SetTimeZone notes the IANA name of the zone in which days begin: those of
// budgets, and of reports that are made while the gateway is stopped. If it is
// another one than before, or a binary kept the counters that read the names of
// models in another way, what has been spent is counted anew.
func (s *Store) SetTimeZone(ctx context.Context, name string) error {
	zone, err := location(name)
	if err != nil {
		return err
	}
	return s.change(ctx, func(tx *sql.Tx) error {
		before, err := zoneOf(ctx, tx)
		if err != nil && !tollgate.IsKind(err, tollgate.Invalid) {
			return err
		}
		if err := keepSetting(ctx, tx, timeZone, name); err != nil {
			return err
		}
		read, err := settingBy(ctx, tx, namesRead)
		if err != nil || before != nil && before.String() == zone.String() && read == howNamesAreRead {
			return err
		}
		if err := keepSetting(ctx, tx, namesRead, howNamesAreRead); err != nil {
			return err
		}
		if err := recount(ctx, tx); err != nil {
			return err
		}
		return renewRules(ctx, tx)
	})
}

// TimeZone is what was last noted, empty when nothing was.
func (s *Store) TimeZone(ctx context.Context) (string, error) {
	return settingBy(ctx, s.read, timeZone)
}

// CheckPepper makes sure that keys are hashed with the same secret as ever.
// check is a keyed hash of something constant. It is kept while there are no
// keys; once there are, another one is a Conflict.
func (s *Store) CheckPepper(ctx context.Context, check []byte) error {
	return s.change(ctx, func(tx *sql.Tx) error {
		kept, err := settingBy(ctx, tx, pepperCheck)
		if err != nil {
			return err
		}
		var keys int64
		if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM gateway_key").Scan(&keys); err != nil {
			return err
		}
		text := hex.EncodeToString(check)
		if keys == 0 || kept == "" {
			return keepSetting(ctx, tx, pepperCheck, text)
		}
		if kept != text {
			return tollgate.Errorf(tollgate.Conflict, "the file pepper holds another secret than the one that the keys in the database are hashed with, so none of them would open anything; restore pepper and %s from the same backup", File)
		}
		return nil
	})
}

func settingBy(ctx context.Context, from querier, name string) (string, error) {
	values, err := find(ctx, from, scanText, "SELECT value FROM setting WHERE name = ?", name)
	if err != nil || len(values) == 0 {
		return "", err
	}
	return values[0], nil
}

func keepSetting(ctx context.Context, tx querier, name, value string) error {
	_, err := tx.ExecContext(ctx, "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value)
	return err
}

func scanText(row scanner) (text string, err error) {
	return text, row.Scan(&text)
}
