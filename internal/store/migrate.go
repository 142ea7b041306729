package store

import (
	"context"
	"database/sql"
	"embed"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"

	"tollgate"
)

// Migrations go forward only. Each must leave the previous binary working: add
// tables, columns with defaults and indexes; never rename, never tighten.
//
//go:embed migration/*.sql
var migrations embed.FS

// versionTable is where the migrations that have run are noted.
const versionTable = "schema_version"

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
	return err
}

// checkVersion makes sure, without writing, that the schema is this binary's.
func checkVersion(ctx context.Context, db *sql.DB) error {
	provider, err := migrator(db)
	if err != nil {
		return err
	}
	versions, err := database.NewStore(database.DialectSQLite3, versionTable)
	if err != nil {
		return err
	}
	current, err := versions.GetLatestVersion(ctx, db)
	sources := provider.ListSources()
	target := sources[len(sources)-1].Version
	switch {
	case err != nil && absent(err), err == nil && current < target:
		return tollgate.Errorf(tollgate.Invalid, "the database was not brought up to schema %d yet; start this tollgate on it once", target).Because(err)
	case err == nil && current > target:
		return newer(current, target)
	}
	return err
}

func migrator(db *sql.DB) (*goose.Provider, error) {
	folder, err := fs.Sub(migrations, "migration")
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectSQLite3, db, folder, goose.WithTableName(versionTable))
}

func newer(current, target int64) error {
	return tollgate.Errorf(tollgate.Invalid, "the database has schema %d and this tollgate knows schemas up to %d; run the newer tollgate that wrote it, or restore the backup from before the upgrade", current, target)
}
