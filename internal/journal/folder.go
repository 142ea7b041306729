package journal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
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
		name := folderName(now)
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

// folderTime is how a folder's name begins; the number of its process follows.
const folderTime = "20060102T150405.000000Z"

func folderName(now time.Time) string {
	return fmt.Sprintf("%s-%d", now.UTC().Format(folderTime), os.Getpid())
}

// ofProcess says whether a folder's name is one that folderName gives.
func ofProcess(name string) bool {
	made, _, ok := strings.Cut(name, "-")
	_, err := time.Parse(folderTime, made)
	return ok && err == nil
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
		if _, ok := segmentNumber(entry.Name()); ok && entry.Type().IsRegular() {
			paths = append(paths, filepath.Join(f.path, entry.Name()))
		}
	}
	slices.Sort(paths)
	return paths, err
}

// deadFolders takes the folders under path whose process is dead. One that
// cannot be looked after, which the error tells of, is no reason to leave the
// others.
func deadFolders(path string) (dead []*folder, err error) {
	err = looking(path, func() error {
		entries, err := os.ReadDir(path)
		for _, entry := range entries {
			at := filepath.Join(path, entry.Name())
			if !entry.IsDir() || !ofProcess(entry.Name()) {
				continue
			}
			taken, fault := holdFolder(at)
			if taken != nil {
				dead = append(dead, taken)
			}
			err = errors.Join(err, fault)
		}
		return err
	})
	return dead, err
}
