package journal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gofrs/flock"

	"tollgate"
)

// What stands in the journal's path beside the folders of processes.
const (
	lockName       = "lock"
	quarantineName = "quarantine"
)

// folder is what one process writes, held by its lock.
type folder struct {
	path string
	lock *flock.Flock
}

// lookBound is how long a process waits for another that is looking around.
const lookBound = 10 * time.Second

// makeFolder makes and holds a folder that sorts by the time it was made.
func makeFolder(path string, now time.Time) (*folder, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, unwritable(path, err)
	}
	var made *folder
	err := looking(path, func() (err error) {
		name := fmt.Sprintf("%s-%d", now.UTC().Format("20060102T150405.000000Z"), os.Getpid())
		if err := os.Mkdir(filepath.Join(path, name), 0o700); err != nil {
			return err
		}
		made, err = holdFolder(filepath.Join(path, name))
		return err
	})
	if err == nil && made == nil {
		err = errors.New("its lock is taken")
	}
	if err == nil {
		err = syncFolder(path)
	}
	if err != nil {
		return nil, unwritable(path, err)
	}
	return made, nil
}

func unwritable(path string, err error) error {
	return tollgate.Errorf(tollgate.Internal, "the journal in %s cannot be written; make room on the disk, and give the user that runs tollgate the right to write there", path).Because(err)
}

// holdFolder takes a folder's lock. It is nil when a process lives that has it.
func holdFolder(path string) (*folder, error) {
	lock := flock.New(filepath.Join(path, lockName), flock.SetPermissions(0o600))
	held, err := lock.TryLock()
	if err != nil || !held {
		return nil, err
	}
	return &folder{path, lock}, nil
}

// looking runs do while no other process looks around or makes a folder.
func looking(path string, do func() error) error {
	lock := flock.New(filepath.Join(path, lockName), flock.SetPermissions(0o600))
	ctx, cancel := context.WithTimeout(context.Background(), lookBound)
	defer cancel()
	if _, err := lock.TryLockContext(ctx, 10*time.Millisecond); err != nil {
		return err
	}
	return errors.Join(do(), lock.Close())
}

// leave lets the folder be adopted.
func (f *folder) leave() error { return f.lock.Close() }

// remove removes the folder, which has no segments any more.
func (f *folder) remove() error {
	return looking(filepath.Dir(f.path), func() error {
		return errors.Join(f.lock.Close(), removeFile(filepath.Join(f.path, lockName)), os.Remove(f.path))
	})
}

// segments lists the folder's segments, oldest first.
func (f *folder) segments() (paths []string, err error) {
	entries, err := os.ReadDir(f.path)
	for _, entry := range entries {
		if _, ok := segmentNumber(entry.Name()); ok {
			paths = append(paths, filepath.Join(f.path, entry.Name()))
		}
	}
	slices.Sort(paths)
	return paths, err
}

// deadFolders takes the folders under path whose process is dead; alive says
// that there are others.
func deadFolders(path, own string) (dead []*folder, alive bool, err error) {
	err = looking(path, func() error {
		entries, err := os.ReadDir(path)
		if err != nil {
			return err
		}
		for _, entry := range entries {
			at := filepath.Join(path, entry.Name())
			if !entry.IsDir() || entry.Name() == quarantineName || at == own {
				continue
			}
			taken, err := holdFolder(at)
			switch {
			case err != nil:
				return err
			case taken == nil:
				alive = true
			default:
				dead = append(dead, taken)
			}
		}
		return nil
	})
	return dead, alive, err
}
