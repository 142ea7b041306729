package sink

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// rotated is a file of whole lines that is appended to, and the full ones beside
// it. It is opened anew for each append, so that it may be moved, removed or
// handed to another process in between.
type rotated struct {
	path     string
	maxBytes int64
	maxAge   time.Duration
	keep     int // 0: all
	now      func() time.Time
}

// append adds lines durably, or leaves the file as it was as far as that can be
// done.
func (r rotated) append(lines []byte) error {
	file, size, err := r.open()
	if err != nil {
		return err
	}
	if r.full(file, size, int64(len(lines))) {
		if err := errors.Join(file.Close(), r.rotate()); err != nil {
			return err
		}
		if file, size, err = r.open(); err != nil {
			return err
		}
	}
	_, err = file.WriteAt(lines, size)
	if err == nil {
		err = file.Sync()
	}
	if err != nil {
		return errors.Join(err, file.Truncate(size), file.Close())
	}
	return file.Close()
}

// open opens the file, which it makes if need be, and cuts off a last line that a
// dead process did not end.
func (r rotated) open() (file *os.File, size int64, err error) {
	_, missing := os.Lstat(r.path)
	if file, err = os.OpenFile(r.path, os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return nil, 0, err
	}
	if errors.Is(missing, fs.ErrNotExist) {
		err = syncFolder(r.path)
	}
	if err == nil {
		size, err = mend(file)
	}
	if err != nil {
		return nil, 0, errors.Join(err, file.Close())
	}
	return file, size, nil
}

// mend makes the file end with a line break, and returns its size.
func mend(file *os.File) (size int64, err error) {
	end, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, err
	}
	whole := end
	block := make([]byte, 4<<10)
	for whole > 0 {
		from := max(0, whole-int64(len(block)))
		n, err := file.ReadAt(block[:whole-from], from)
		if err != nil {
			return 0, err
		}
		if at := bytes.LastIndexByte(block[:n], '\n'); at >= 0 {
			whole = from + int64(at) + 1
			break
		}
		whole = from
	}
	if whole == end {
		return end, nil
	}
	return whole, file.Truncate(whole)
}

// full says whether more is not to be added to the file.
func (r rotated) full(file *os.File, size, more int64) bool {
	return size > 0 && (size+more > r.maxBytes || r.now().Sub(begunAt(file)) >= r.maxAge)
}

// begunAt is the time of a file's first record, or of its last change where it
// begins with something else.
func begunAt(file *os.File) time.Time {
	head, _ := bufio.NewReader(io.NewSectionReader(file, 0, headBound)).ReadBytes('\n')
	if at := timeOf(head); !at.IsZero() {
		return at
	}
	info, err := file.Stat()
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

// headBound is more than a line is long up to its time.
const headBound = 4 << 10

// rotate moves the file aside under the time, and removes what is too much.
func (r rotated) rotate() error {
	base, extension := r.name()
	to := base + r.now().UTC().Format(rotatedLayout) + extension
	if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(err, fmt.Errorf("there is a file %s already", to))
	}
	if err := errors.Join(os.Rename(r.path, to), syncFolder(r.path)); err != nil {
		return err
	}
	return r.prune()
}

const rotatedLayout = "20060102T150405.000000Z"

// name is that of the full files without their time: before it and after.
func (r rotated) name() (base, extension string) {
	extension = filepath.Ext(r.path)
	return strings.TrimSuffix(r.path, extension) + "-", extension
}

// prune removes the oldest full files.
func (r rotated) prune() error {
	if r.keep == 0 {
		return nil
	}
	full, err := r.fullFiles()
	for _, name := range full[:max(0, len(full)-r.keep)] {
		err = errors.Join(err, os.Remove(name))
	}
	return err
}

// fullFiles are those that rotate made, oldest first.
func (r rotated) fullFiles() (names []string, err error) {
	base, extension := r.name()
	entries, err := os.ReadDir(filepath.Dir(r.path))
	for _, each := range entries {
		name := filepath.Join(filepath.Dir(r.path), each.Name())
		stamp, isOurs := strings.CutPrefix(name, filepath.Clean(base))
		if _, wrong := time.Parse(rotatedLayout, strings.TrimSuffix(stamp, extension)); isOurs && wrong == nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, err
}

// syncFolder makes it durable which files are in the folder of a file.
func syncFolder(path string) error {
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
