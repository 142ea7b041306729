package body

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"tollgate"
)

// disk is the folder of the files.
type disk struct {
	folder  string
	now     func() time.Time
	total   atomic.Int64 // bytes of all files, as far as this process knows
	removed atomic.Int64
	failed  atomic.Int64    // when it failed last, in Unix nanoseconds
	end     context.Context // of Stop; set before quit is closed
	sweep   sync.Mutex
}

// diskRest is how long a disk that failed is left alone.
const diskRest = 10 * time.Second

func (d *disk) resting() bool {
	failed := d.failed.Load()
	return failed != 0 && d.now().UnixNano()-failed < int64(diskRest)
}

func (d *disk) over(more, most int64) bool { return d.total.Load()+more > most }

var (
	errNoPlace = errors.New("audit.body.max_total_bytes is reached, and nothing may be removed")
	errNearly  = errors.New("the disk is nearly full, and what is left is for the journal and the database")
)

// Path is where a body lies below the folder.
func Path(folder, name string) string { return filepath.Join(folder, name[:2], name[2:]) }

// write makes a file that is wholly there or not at all, also after a power cut.
func (d *disk) write(name string, sealed []byte) (err error) {
	defer func() {
		if err != nil {
			d.failed.Store(d.now().UnixNano())
			return
		}
		d.failed.Store(0)
		d.total.Add(int64(len(sealed)))
	}()
	path := Path(d.folder, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if nearlyFull(d.folder, int64(len(sealed))) {
		return errNearly
	}
	file, err := os.CreateTemp(filepath.Dir(path), unfinished)
	if err != nil {
		return err
	}
	_, err = file.Write(sealed)
	if err = errors.Join(err, file.Sync(), file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}

// unfinished is the name of a file that is being written.
const unfinished = ".new-*"

// Read reads a sealed body. The error says that it is missing.
func Read(folder, request string, part tollgate.BodyPart, digest string) ([]byte, error) {
	sealed, err := os.ReadFile(Path(folder, tollgate.BodyName(request, part, digest)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, tollgate.Errorf(tollgate.NotFound, "the %s body of %s is missing: its record says that it was sealed, and the file is not there; it was removed when its time was over, or the gateway was cut off before it was written", part, request)
	}
	return sealed, err
}

// abandoned is how old a file is that nobody finishes any more.
const abandoned = 24 * time.Hour

// keptFile is a file in the folder.
type keptFile struct {
	path  string
	bytes int64
	at    time.Time
}

// files lists what is there, oldest first, and clears away what was never
// finished.
func (d *disk) files() (all []keptFile, err error) {
	err = filepath.WalkDir(d.folder, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return nil // removed meanwhile
		}
		if strings.HasPrefix(entry.Name(), ".new-") {
			if d.now().Sub(info.ModTime()) > abandoned {
				return os.Remove(path)
			}
			return nil
		}
		all = append(all, keptFile{path, info.Size(), info.ModTime()})
		return nil
	})
	slices.SortFunc(all, func(a, b keptFile) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.path, b.path))
	})
	return all, err
}
