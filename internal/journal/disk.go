package journal

import (
	"errors"
	"io"
	"os"
	"path/filepath"
)

// Disk is what the journal asks of a file system when it writes. Tests put
// faults in front of the real one.
type Disk interface {
	// Create makes a file that is not there yet. When it returns, the file's
	// name is on the disk.
	Create(path string) (File, error)
}

// File is an open segment. Write appends. An error of Sync means that nobody
// knows what of the file is on the disk, now and after any later Sync.
type File interface {
	io.Writer
	io.ReaderAt
	io.Closer
	Sync() error
	Truncate(size int64) error
}

// LocalDisk is the real one.
type LocalDisk struct{}

func (LocalDisk) Create(path string) (File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_APPEND|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syncFolder(filepath.Dir(path)); err != nil {
		return nil, errors.Join(err, f.Close(), os.Remove(path))
	}
	return localFile{f}, nil
}

// localFile syncs its content and its size, but not its dates.
type localFile struct{ *os.File }

func (f localFile) Sync() error { return datasync(f.File) }
