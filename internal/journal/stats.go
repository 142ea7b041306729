package journal

import "time"

// Stats is how the journal does just now.
type Stats struct {
	Open     int           // requests begun and not ended
	Waiting  int64         // requests that have ended and are not in the database
	Oldest   time.Duration // how long the oldest of these has waited, at most
	Bytes    int64         // of all segments on the disk
	MaxBytes int64         // the bound on Bytes

	// Counters since the start.
	Written    int64 // bytes appended
	Syncs      int64 // times that the disk was waited for
	Refused    int64 // requests refused because they could not be recorded
	Unrecorded int64 // requests served without a record, as configured
	Lost       int64 // requests that have no row and never will
	Killed     int64 // requests that dead processes had under way, recovered
	Damaged    int64 // damaged stretches found, and rows set aside

	Failing      bool // the disk takes no records
	StoreFailing bool // the database takes no rows
}

// counts is what Stats is made of, and what else changes with it.
type counts struct {
	syncs                     int64
	refused, unrecorded, lost int64
	killed, damaged           int64
	failing, storeFailing     bool
	adoptFailing              bool      // there are folders that cannot be looked after
	caughtUp                  time.Time // whatever ended before is stored
}

func (j *Journal) count(change func(*counts)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	change(&j.counts)
}

// Stats may be asked at any time and waits for nothing.
func (j *Journal) Stats() Stats {
	j.mu.Lock()
	defer j.mu.Unlock()
	c := j.counts
	s := Stats{
		Open: len(j.begun), Waiting: j.waiting(), Bytes: j.bytes.Load(), MaxBytes: int64(j.config.MaxBytes),
		Written: j.written.Load(), Syncs: c.syncs, Refused: c.refused, Unrecorded: c.unrecorded, Lost: c.lost, Killed: c.killed, Damaged: c.damaged,
		Failing: c.failing, StoreFailing: c.storeFailing,
	}
	if s.Waiting > 0 {
		s.Oldest = max(j.now().Sub(c.caughtUp), 0)
	}
	return s
}

// waiting is how many requests have ended and are not in the database. What
// was written twice counts twice, until it is fed. j.mu is held.
func (j *Journal) waiting() int64 {
	rows := j.closed - j.feeder.closed + int64(len(j.pending))
	for _, left := range j.estates {
		rows += left.rows()
	}
	return rows
}

// arrive is called before a request comes to wait: if it is the first, nothing
// has waited until now. j.mu is held.
func (j *Journal) arrive() {
	if j.waiting() == 0 {
		j.counts.caughtUp = j.now()
	}
}
