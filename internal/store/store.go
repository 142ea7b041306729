package store

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"time"
)

// readers is how many questions are answered at the same time. A report reads
// with one core; more of them than this would starve the traffic.
const readers = 4

// Store is an open database. Its methods may be called from any goroutine.
type Store struct {
	write *sql.DB // exactly one connection: SQLite has one writer, and waiting here is cheaper than there
	read  *readPool
	path  string

	commit func(*sql.Tx) error

	tending     sync.WaitGroup // what KeepLogShort began
	stopTending context.CancelFunc
	folding     sync.Mutex
	reading     sync.RWMutex // whoever removes records of the audit log holds it alone

	appending sync.Mutex // whoever holds it owns the rest, save what is said there
	profiles  profiles
	inserter  inserter
	counters  counters
	chain     chain

	erased erased
}

// Open opens the database file at path, creates it when it is not there, and
// brings its schema up to date. The errors are sentences for the operator who
// reads them at start-up.
func Open(ctx context.Context, path string) (*Store, error) {
	if err := claim(path); err != nil {
		return nil, err
	}
	write, err := connect(path, writing, 1)
	if err != nil {
		return nil, openFault(path, err)
	}
	s := &Store{write: write, path: path, commit: (*sql.Tx).Commit, inserter: newInserter(), counters: newCounters()}
	if err := s.prepare(ctx, path); err != nil {
		return nil, openFault(path, errors.Join(err, s.Close()))
	}
	return s, nil
}

// OpenReadOnly opens the database of a gateway that is stopped, to answer
// questions. It changes nothing. After a clean stop it creates no file either;
// after a kill it reads what is left in the write-ahead log, which takes the
// right to write the folder. While a gateway runs it shows what is committed.
func OpenReadOnly(ctx context.Context, path string) (*Store, error) {
	if err := present(path); err != nil {
		return nil, err
	}
	use := reading
	if folded(path) {
		use = autopsy
	}
	read, err := connect(path, use, readers)
	if err != nil {
		return nil, openFault(path, err)
	}
	s := &Store{read: &readPool{DB: read}, path: path}
	if err := checkVersion(ctx, read); err != nil {
		return nil, openFault(path, errors.Join(err, s.Close()))
	}
	return s, nil
}

// prepare makes a store of its writing connection.
func (s *Store) prepare(ctx context.Context, path string) (err error) {
	if err := s.write.PingContext(ctx); err != nil {
		return err // before the migrations, which would try a broken file again and again
	}
	if err := migrate(ctx, s.write); err != nil {
		return err
	}
	if err := s.forgetCounters(ctx, time.Now()); err != nil {
		return err
	}
	read, err := connect(path, reading, readers)
	if err == nil {
		s.read = &readPool{DB: read}
	}
	return err
}

// Close ends all work and folds the write-ahead log into the database file.
func (s *Store) Close() error {
	if s.stopTending != nil {
		s.stopTending()
		s.tending.Wait()
	}
	errs := []error{s.inserter.statement.close(), s.counters.close(), s.chain.close()}
	if s.read != nil {
		errs = append(errs, s.read.Close())
	}
	if s.write != nil {
		errs = append(errs, s.write.Close())
	}
	return errors.Join(errs...)
}
