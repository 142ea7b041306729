package app

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// What stands in the data folder beside the database and the admin socket.
const (
	lockFile   = "lock"
	pepperFile = "pepper"
)

// pepperBytes is the length of the secret that key hashes are made with.
const pepperBytes = 32

// folder is the data folder. Who holds its lock is the one that serves: its
// keys are the ones in force, and the sockets in the folder are its own. The
// database and the journal may be open in another process meanwhile, which
// takes over or has handed over.
type folder struct {
	path string
	lock *flock.Flock
}

// openFolder makes the folder if need be. Errors are sentences for whoever
// started the process.
func openFolder(path string) (*folder, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("the data folder %s cannot be made (%w); create it, or name another with data_dir", path, err)
	}
	return &folder{path: path, lock: flock.New(filepath.Join(path, lockFile), flock.SetPermissions(0o600))}, nil
}

// take takes the lock if nobody has it.
func (f *folder) take() (held bool, err error) {
	held, err = f.lock.TryLock()
	if err != nil {
		return false, fmt.Errorf("the data folder %s cannot be written (%w); give the user that runs tollgate the right to, or name another with data_dir", f.path, err)
	}
	return held, nil
}

// wait takes the lock as soon as it is free.
func (f *folder) wait(ctx context.Context) error {
	tick := time.NewTicker(glance)
	defer tick.Stop()
	for {
		if held, err := f.take(); held || err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// taken is what is said to whoever starts a second process on the folder.
func (f *folder) taken(advice string) error {
	return fmt.Errorf("another tollgate runs on the data folder %s; stop it, or name another with data_dir%s", f.path, advice)
}

// release lets another process have the folder.
func (f *folder) release() error { return f.lock.Unlock() }

// openToOthers says whether other users of the machine may enter the folder,
// or even change what is in it.
func (f *folder) openToOthers() bool {
	info, err := os.Stat(f.path)
	return err == nil && info.Mode().Perm()&0o077 != 0
}

func (f *folder) file(name string) string { return filepath.Join(f.path, name) }

// pepper returns the secret that keys are hashed with. It is made once;
// without it every key in the database is dead, so it is never made again
// beside keys that need another.
func (f *folder) pepper(keysExist bool) ([]byte, error) {
	path := f.file(pepperFile)
	text, err := os.ReadFile(path)
	switch {
	case err == nil:
		pepper, err := hex.DecodeString(strings.TrimSpace(string(text)))
		if err != nil || len(pepper) != pepperBytes {
			return nil, fmt.Errorf("%s does not hold the %d bytes in hexadecimal that keys are hashed with; restore it from your backup", path, pepperBytes)
		}
		return pepper, nil
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s cannot be read: %w", path, err)
	case keysExist:
		return nil, fmt.Errorf("%s is missing, and without it no key in the database opens anything; restore it from your backup", path)
	}
	pepper := make([]byte, pepperBytes)
	rand.Read(pepper) // never fails since Go 1.24
	return pepper, writeOnce(path, hex.EncodeToString(pepper)+"\n")
}

// writeOnce makes a file that is wholly there or not at all.
func writeOnce(path, text string) error {
	temporary := path + ".new"
	file, err := os.OpenFile(temporary, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	err = errors.Join(err, file.Sync(), file.Close())
	if err != nil {
		return err
	}
	return os.Rename(temporary, path)
}
