package journal

import (
	"errors"
	"os"
	"path/filepath"

	"google.golang.org/protobuf/encoding/protowire"

	"tollgate"
)

// Killed is the Error of a request whose gateway died before it had ended.
const Killed = "gateway_killed"

// estate is what a dead process left.
type estate struct {
	*folder
	segments []*segment
	open     map[string][]byte // opened and not closed, by id
	closed   int64
}

// adopt takes over what dead processes left. It is fed from where it is, so
// that a disk that is full by it is no obstacle.
func (j *Journal) adopt() {
	dead, err := deadFolders(filepath.Dir(j.folder.path))
	for _, folder := range dead {
		if cause := j.adoptOne(folder); cause != nil {
			err = errors.Join(err, cause, folder.leave())
		}
	}
	j.adopting(err)
}

// adopting notes whether all that dead processes left could be taken over.
func (j *Journal) adopting(err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case err != nil && !j.counts.adoptFailing:
		j.log.Error("what a dead tollgate may have left in the journal cannot be read; it is tried again", "cause", err)
	case err == nil && j.counts.adoptFailing:
		j.log.Info("what dead tollgates left in the journal can be read again")
	}
	j.counts.adoptFailing = err != nil
}

func (j *Journal) adoptOne(f *folder) error {
	left, err := openEstate(f)
	if err != nil {
		return err
	}
	j.read(left)
	if left.rows() > 0 {
		j.log.Warn("a tollgate did not end cleanly; its requests are recovered from the journal", "folder", f.path, "ended", left.closed, "interrupted", len(left.open))
	}
	for _, each := range left.segments {
		j.bytes.Add(each.size.Load())
	}
	j.mu.Lock()
	if left.rows() > 0 {
		j.arrive()
	}
	j.estates = append(j.estates, left)
	j.counts.killed += int64(len(left.open))
	j.mu.Unlock()
	signal(j.wake)
	return nil
}

func openEstate(f *folder) (*estate, error) {
	left := &estate{folder: f, open: map[string][]byte{}}
	paths, err := f.segments()
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		each, err := openSegment(path)
		if err != nil {
			return nil, errors.Join(err, left.close())
		}
		left.segments = append(left.segments, each)
	}
	return left, nil
}

// read goes through all that a dead process left. Damage is reported here.
func (j *Journal) read(left *estate) {
	var follows order
	for _, each := range left.segments {
		r := &reader{from: each.file, end: each.size.Load()}
		for one, ok := r.next(); ok; one, ok = r.next() {
			j.missing(each.path, follows.gap(one.sequence))
			left.take(one)
		}
		j.report(each, r)
	}
}

// rows is how many rows it makes.
func (e *estate) rows() int64 { return e.closed + int64(len(e.open)) }

func (e *estate) close() (err error) {
	for _, each := range e.segments {
		err = errors.Join(err, each.file.Close())
	}
	return err
}

func (e *estate) take(one record) {
	id, ok := identity(one.body)
	switch {
	case !ok:
	case one.kind == opened:
		e.open[id] = append([]byte(nil), one.body...)
	case one.kind == closed:
		delete(e.open, id)
		e.closed++
	}
}

// identity is the id of a record's exchange, which is its first field.
func identity(body []byte) (string, bool) {
	number, kind, n := protowire.ConsumeTag(body)
	if n < 0 || number != fields[0].number || kind != fields[0].kind {
		return "", false
	}
	id, n := protowire.ConsumeString(body[n:])
	return id, n >= 0
}

// openSegment opens a segment of another process, to its end.
func openSegment(path string) (*segment, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	s := &segment{path: path, file: localFile{f}}
	s.size.Store(info.Size())
	s.sealed.Store(true)
	return s, nil
}

// interrupted closes the requests that a process cannot close any more. What
// they cost is what was expected of them when they were sent.
func (e *estate) interrupted() (rows []*tollgate.Exchange) {
	for _, body := range e.open {
		x, err := readExchange(body)
		if err != nil {
			continue // a record whose sum is right is an exchange
		}
		x.Interrupted, x.Estimated, x.Error = true, true, Killed
		rows = append(rows, x)
	}
	return rows
}

// order finds out whether records are missing.
type order struct {
	last  uint64
	known bool // last is one that was seen
}

// gap is how many records are missing before this one. One that was seen
// before has been written again and is none.
func (o *order) gap(sequence uint64) (missing uint64) {
	if o.known && sequence > o.last+1 {
		missing = sequence - o.last - 1
	}
	if !o.known || sequence > o.last {
		o.last, o.known = sequence, true
	}
	return missing
}
