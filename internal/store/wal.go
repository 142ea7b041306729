package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"tollgate"
)

// LogBound is how large the write-ahead log may grow, in bytes, before reports
// have to step aside for a moment: four times what SQLite leaves to it.
const LogBound = 64 << 20

// How the log is kept short.
const (
	logGlance    = 5 * time.Second        // between two looks at its size
	logRest      = time.Minute            // after an attempt that failed
	logPatience  = 30 * time.Second       // with reports under way
	foldPatience = 500 * time.Millisecond // with readers of another process; rows wait meanwhile
)

// KeepLogShort looks after the size of the write-ahead log until Close. SQLite
// folds the log into the database by itself, but it can begin it anew only in a
// moment in which nobody reads. While reports overlap there is none, and the
// log would grow for as long as they go on. So above bound, in bytes, new
// reports wait until those under way have ended.
func (s *Store) KeepLogShort(bound int64, log *slog.Logger) {
	ctx, stop := context.WithCancel(context.Background())
	s.stopTending = stop
	s.tending.Go(func() {
		failing := false
		for pause(ctx, logWait(failing)) {
			err := s.foldLog(ctx, bound)
			if fails := err != nil && ctx.Err() == nil; fails != failing {
				failing = fails
				s.tellOfLog(log, err)
			}
		}
	})
}

func logWait(failing bool) time.Duration {
	if failing {
		return logRest
	}
	return logGlance
}

// tellOfLog is for when things have taken a turn.
func (s *Store) tellOfLog(log *slog.Logger, err error) {
	if err != nil {
		log.Warn("the database's write-ahead log grows and cannot be folded in; it is tried again", "bytes", s.logSize(), "error", err)
		return
	}
	log.Info("the database's write-ahead log is short again", "bytes", s.logSize())
}

// pause waits. False says that ctx ended.
func pause(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// logSize is the size of the write-ahead log in bytes.
func (s *Store) logSize() int64 {
	info, err := os.Stat(s.path + "-wal")
	if err != nil {
		return 0
	}
	return info.Size()
}

// foldLog folds the log into the database and cuts it to nothing if it is
// longer than bound.
func (s *Store) foldLog(ctx context.Context, bound int64) error {
	s.folding.Lock() // only one may shut out the readers
	defer s.folding.Unlock()
	if s.logSize() <= bound {
		return nil
	}
	goOn, err := s.holdReaders(ctx)
	defer goOn()
	if err != nil {
		return err
	}
	return s.truncateLog(ctx)
}

// holdReaders lets no new question in, waits for those that are being answered
// and takes their connections, so that nobody reads until goOn is called.
func (s *Store) holdReaders(ctx context.Context) (goOn func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, logPatience)
	var held []*sql.Conn
	s.read.shut()
	goOn = func() {
		cancel()
		s.read.open()
		for _, conn := range held {
			_ = conn.Close() // gives it back
		}
	}
	for range readers {
		conn, err := s.read.Conn(ctx)
		if err != nil {
			return goOn, tollgate.Errorf(tollgate.Internal, "a report takes longer than %v", logPatience).Because(err)
		}
		held = append(held, conn)
	}
	return goOn, nil
}

func setBusyTimeout(ctx context.Context, conn *sql.Conn, wait time.Duration) error {
	_, err := conn.ExecContext(ctx, fmt.Sprintf("PRAGMA busy_timeout=%d", wait.Milliseconds()))
	return err
}

// truncateLog is a checkpoint after which nothing is left of the log.
func (s *Store) truncateLog(ctx context.Context) error {
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return fault(err)
	}
	defer conn.Close()
	err = setBusyTimeout(ctx, conn, foldPatience)
	if err == nil {
		err = checkpointLog(ctx, conn)
	}
	return fault(errors.Join(err, setBusyTimeout(context.WithoutCancel(ctx), conn, busyTimeout*time.Millisecond)))
}

func checkpointLog(ctx context.Context, conn *sql.Conn) error {
	var busy bool
	var frames, folded int64 // of the log
	err := conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &folded)
	if err == nil && busy {
		err = tollgate.Errorf(tollgate.Internal, "another process reads or writes the database without a pause; end it")
	}
	return err
}
