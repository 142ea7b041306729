package store

import (
	"database/sql"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"modernc.org/sqlite"

	"tollgate"
)

// purpose is what a connection is for.
type purpose uint8

const (
	writing purpose = iota
	reading         // while others may write
	autopsy         // while nobody has the database open: not even locks are needed
)

// Settings of SQLite; docs/design/store.md has the measurements behind them.
const (
	busyTimeout = 5000 // milliseconds to wait for another process to let go of the file
	checkpoint  = 4000 // pages of 4 KB, 16 MB: how long the write-ahead log grows before it is folded in
)

// connect opens a pool of connections in one mode. It touches the file only
// when the first of them is used.
func connect(path string, use purpose, connections int) (*sql.DB, error) {
	connector, err := sqlite.NewConnector(dataSource(path, use))
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	if use != writing {
		db.SetConnMaxIdleTime(time.Minute) // each holds a cache of up to 2 MB
	}
	return db, nil
}

// dataSource names the file and says how every connection to it is set up.
// synchronous=NORMAL: a commit is in the hands of the kernel, so it survives
// kill -9; the disk has it from the next checkpoint on. Changes of the register
// set it to FULL for themselves.
func dataSource(path string, use purpose) string {
	query := url.Values{"_txlock": {"immediate"}, "_dqs": {"0"}, "_error_rc": {"1"}, "mode": {"rw"}}
	query.Add("_pragma", "busy_timeout("+strconv.Itoa(busyTimeout)+")")
	switch use {
	case autopsy:
		query.Set("immutable", "1")
		fallthrough
	case reading:
		query.Set("mode", "ro")
		query.Set("_txlock", "deferred")
	case writing:
		query.Add("_pragma", "journal_mode(WAL)")
		query.Add("_pragma", "synchronous(NORMAL)")
		query.Add("_pragma", "wal_autocheckpoint("+strconv.Itoa(checkpoint)+")")
		query.Add("_pragma", "journal_size_limit("+strconv.Itoa(LogBound)+")")
		query.Add("_pragma", "foreign_keys(1)")
		query.Add("_pragma", "secure_delete(1)") // what is deleted is overwritten; little is ever deleted
	}
	file := url.URL{Scheme: "file", Path: path, RawQuery: query.Encode()}
	if !filepath.IsAbs(path) {
		file.Opaque, file.Path = (&url.URL{Path: path}).EscapedPath(), ""
	}
	return file.String()
}

// folded says that no process has the database open and that nothing is left
// to be read outside of it: there is no write-ahead log beside it, which is
// there as long as anybody has, and after a kill.
func folded(path string) bool {
	_, err := os.Stat(path + "-wal")
	return errors.Is(err, fs.ErrNotExist)
}

// claim makes sure that the file is there and that it may be written, and
// creates it for its owner alone.
func claim(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fileFault(path, err)
	}
	return errors.Join(file.Close(), tighten(path))
}

// tighten takes the right to read the database from everybody but its owner,
// where an earlier umask or a copied backup left it. Files of another owner
// are left to them.
func tighten(path string) error {
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		info, err := os.Stat(name)
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			err = os.Chmod(name, 0o600)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
			return fileFault(path, err)
		}
	}
	return nil
}

// present makes sure that the file is there and that it may be read.
func present(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return fileFault(path, err)
	}
	return file.Close()
}

// fileFault says why the file cannot be opened and what to do about it.
func fileFault(path string, err error) error {
	folder := filepath.Dir(path)
	_, noFolder := os.Stat(folder)
	switch {
	case errors.Is(noFolder, fs.ErrNotExist):
		return tollgate.Errorf(tollgate.Invalid, "the data folder %s does not exist; create it, or name another one", folder).Because(err)
	case errors.Is(err, fs.ErrNotExist):
		return tollgate.Errorf(tollgate.NotFound, "there is no ledger at %s; name the data folder of a gateway that has run", path).Because(err)
	case errors.Is(err, fs.ErrPermission):
		return tollgate.Errorf(tollgate.Invalid, "the database %s cannot be opened; give the account that runs tollgate the right to read and write the folder %s and the files in it", path, folder).Because(err)
	default:
		return tollgate.Errorf(tollgate.Invalid, "the database %s cannot be opened; see the cause, and check the disk", path).Because(err)
	}
}
