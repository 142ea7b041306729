package journal

import (
	"errors"
	"os"
	"slices"
	"sync"
	"time"
)

// retryAfter is how long a disk that has failed is left alone.
const retryAfter = time.Second

// write seals a record and appends it. The turn is held. A segment that takes
// less than the whole is given up, and a new one is tried once: the kernel
// gives no promise on a file whose write has failed.
func (j *Journal) write(b []byte) error {
	if j.active == nil && j.now().Sub(j.failedAt) < retryAfter && !j.over {
		return errFailed
	}
	err := j.append(b)
	if err != nil {
		err = j.append(b)
	}
	if err != nil {
		j.fail(err)
		return err
	}
	if !j.unsafe {
		j.recover()
	}
	return nil
}

var errFailed = errors.New("the disk of the journal has just failed")

// append tries one segment.
func (j *Journal) append(b []byte) error {
	if j.active == nil || j.active.size.Load() >= j.most {
		if err := j.roll(); err != nil {
			return err
		}
	}
	seal(b, j.sequence+1)
	if _, err := j.active.file.Write(b); err != nil {
		j.giveUp()
		return err
	}
	j.sequence++
	j.appended(kind(b[headBytes]), int64(len(b)))
	if n := len(j.dirty); n == 0 || j.dirty[n-1] != j.active {
		j.dirty = append(j.dirty, j.active)
	}
	return nil
}

// appended counts a record.
func (j *Journal) appended(of kind, bytes int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if of == closed {
		j.arrive()
		j.closed++
		j.active.closed = j.closed
	}
	j.active.size.Add(bytes)
	j.bytes.Add(bytes)
	j.written.Add(bytes)
}

// roll begins a new segment.
func (j *Journal) roll() error {
	j.retire()
	j.number++ // whatever comes of it: a file that could not be made may be there
	path := segmentPath(j.folder.path, j.number)
	f, err := j.disk.Create(path)
	if err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.active = &segment{path: path, file: f, closed: j.closed}
	j.segments = append(j.segments, j.active)
	return nil
}

// retire ends the active segment.
func (j *Journal) retire() {
	if j.active != nil {
		j.active.sealed.Store(true)
		j.active = nil
		signal(j.wake) // it may be removed
	}
}

// giveUp ends a segment in which a write has failed. What the write left
// behind is cut off if the disk lets us; if not, the next process finds a
// record that is cut short, and says so.
func (j *Journal) giveUp() {
	given := j.active
	_ = given.file.Truncate(given.size.Load())
	j.retire()
	if given.size.Load() == 0 {
		j.drop(given)
	}
}

// fail notes that the disk takes nothing.
func (j *Journal) fail(cause error) {
	if j.failedAt.IsZero() {
		j.log.Error("the journal cannot be written", "folder", j.folder.path, "cause", cause)
	}
	j.failedAt = j.now()
	j.count(func(c *counts) { c.failing = true })
}

// recover notes that it takes records again.
func (j *Journal) recover() {
	if !j.failedAt.IsZero() {
		j.log.Info("the journal is written again", "folder", j.folder.path)
		j.failedAt = time.Time{}
		j.count(func(c *counts) { c.failing = false })
	}
}

// carry writes the records of requests under way again, those whose segment is
// one of these, so that the segment is not needed for them. The turn is held.
func (j *Journal) carry(from []*segment) error {
	for _, e := range j.begunIn(from) {
		if err := j.write(e.body); err != nil {
			return err
		}
		e.in = j.active
	}
	return nil
}

func (j *Journal) begunIn(segments []*segment) (entries []*entry) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, e := range j.begun {
		if slices.Contains(segments, e.in) {
			entries = append(entries, e)
		}
	}
	return entries
}

// buffer is what a record is made in.
type buffer struct{ bytes []byte }

var buffers = sync.Pool{New: func() any { return &buffer{make([]byte, 0, 2<<10)} }}

func takeBuffer() *buffer { return buffers.Get().(*buffer) }

// mostKept is the largest buffer that is worth keeping, in bytes.
const mostKept = 64 << 10

func (b *buffer) give() {
	if cap(b.bytes) <= mostKept {
		b.bytes = b.bytes[:0]
		buffers.Put(b)
	}
}

// removeFile removes a file that may be gone already.
func removeFile(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
