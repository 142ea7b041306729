package store

import (
	"errors"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"tollgate"
)

// violation is a constraint of the schema that a change would have broken.
type violation uint8

const (
	none      violation = iota
	duplicate           // it is there already
	dangling            // it refers to something that is not there, or something refers to it
	malformed           // a value that the schema refuses
)

// violated tells from the driver's code which constraint was in the way.
func violated(err error) violation {
	switch code(err) {
	case lib.SQLITE_CONSTRAINT_PRIMARYKEY, lib.SQLITE_CONSTRAINT_UNIQUE:
		return duplicate
	case lib.SQLITE_CONSTRAINT_FOREIGNKEY:
		return dangling
	case lib.SQLITE_CONSTRAINT_CHECK, lib.SQLITE_CONSTRAINT_NOTNULL:
		return malformed
	default:
		return none
	}
}

// code is the driver's extended result code, 0 when err is not the driver's.
func code(err error) int {
	var fault *sqlite.Error
	if errors.As(err, &fault) {
		return fault.Code()
	}
	return 0
}

// absent says that a table is not there: SQLite has no code of its own for it,
// and our statements have no other reason to be refused with this one.
func absent(err error) bool { return code(err) == lib.SQLITE_ERROR }

// sayings are the faults of a database that an operator can do something
// about, by SQLite's primary result code.
var sayings = map[int]string{
	lib.SQLITE_BUSY:     "the database is locked by another process; stop it, or wait until it is done",
	lib.SQLITE_LOCKED:   "the database is locked; try again",
	lib.SQLITE_FULL:     "the disk that holds the database is full; make room on it",
	lib.SQLITE_READONLY: "the database may not be written; give the account that runs tollgate the right to write the data folder and the files in it",
	lib.SQLITE_CANTOPEN: "the database cannot be opened; check that the data folder exists and may be written",
	lib.SQLITE_IOERR:    "the disk that holds the database fails to read or write; check it",
	lib.SQLITE_CORRUPT:  "the database is damaged; restore it from a backup",
	lib.SQLITE_NOTADB:   "the file is not a tollgate database; move it away, or name another data folder",
}

// fault turns an error of the driver into one that may cross the border of the
// package. One that is known already passes.
func fault(err error) error {
	if err == nil {
		return nil
	}
	var known *tollgate.Error
	if errors.As(err, &known) {
		return err
	}
	if violated(err) == malformed {
		return tollgate.Errorf(tollgate.Invalid, "the database refuses a value; report it, it is a defect of tollgate").Because(err)
	}
	if saying, ok := sayings[code(err)&0xff]; ok {
		return tollgate.Errorf(tollgate.Internal, "%s", saying).Because(err)
	}
	return tollgate.AsError(err)
}

// openFault says which file the fault is about.
func openFault(path string, err error) error {
	known := tollgate.AsError(fault(err))
	return tollgate.Errorf(known.Kind, "%s: %s", path, known.Message).Because(known.Cause)
}
