package keyhelper

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// Store is where a key is.
type Store string

// The stores.
const (
	Anywhere Store = ""         // the keyring if there is one, or else a file
	Keychain Store = "keychain" // the operating system's
	File     Store = "file"     // one that only its owner may read
	Command  Store = "command"  // the organisation's own program prints it
)

// record is what is known of the key. It is no secret, but for Key, which is there
// only in the store File.
type record struct {
	URL       string     `json:"url,omitempty"`
	Store     Store      `json:"store"`
	Command   string     `json:"command,omitempty"`
	ID        string     `json:"id,omitempty"`
	IssuedAt  time.Time  `json:"issued_at,omitzero"`
	ExpiresAt *time.Time `json:"expires_at,omitempty"` // null: never
	Key       string     `json:"key,omitempty"`
}

const recordFile = "key.json"

// due says whether a key is to be renewed: two thirds of its time are over.
func (r record) due(now time.Time) bool {
	if r.ExpiresAt == nil {
		return false
	}
	return now.After(r.IssuedAt.Add(r.ExpiresAt.Sub(r.IssuedAt) * 2 / 3))
}

func (h *Helper) path() string { return filepath.Join(h.Folder, recordFile) }

func (h *Helper) read() (kept record, err error) {
	file, err := os.Open(h.path())
	if errors.Is(err, fs.ErrNotExist) {
		return kept, ErrNotEnrolled
	}
	if err != nil {
		return kept, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return kept, err
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return kept, fmt.Errorf("%s can be read by others, so its key may be known: close it with chmod 600, and ask for a new key if you share this machine", h.path())
	}
	if err := json.NewDecoder(file).Decode(&kept); err != nil {
		return kept, fmt.Errorf("%s cannot be read (%w); remove it and enroll again", h.path(), err)
	}
	return kept, nil
}

// keep puts the key away, and what is known of it.
func (h *Helper) keep(kept record, key string) (place string, err error) {
	if kept.Store == Anywhere || kept.Store == Keychain {
		if err = h.Keyring.Set(service, kept.URL, key); err == nil {
			kept.Store = Keychain
			return "the system's keychain", h.write(kept)
		}
		if kept.Store == Keychain {
			return "", fmt.Errorf("the system's keychain does not take the key: %w", err)
		}
	}
	kept.Store, kept.Key = File, key
	return h.path(), h.write(kept)
}

// write replaces the file at once: whoever reads it sees the one or the other.
func (h *Helper) write(kept record) error {
	if err := os.MkdirAll(h.Folder, 0o700); err != nil {
		return err
	}
	text, err := json.MarshalIndent(kept, "", "  ")
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(h.Folder, recordFile+".*") // with mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	_, err = file.Write(append(text, '\n'))
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), h.path())
}

func (h *Helper) secret(kept record) (string, error) {
	if kept.Store == File {
		return kept.Key, nil
	}
	key, err := h.Keyring.Get(service, kept.URL)
	if err != nil {
		return "", fmt.Errorf("the system's keychain does not give the key: %w; unlock it, or enroll again with --store file", err)
	}
	return key, nil
}

// lockPatience is how long another process may take.
const lockPatience = 30 * time.Second

// lock keeps others from changing the key meanwhile.
func (h *Helper) lock(ctx context.Context) (unlock func(), err error) {
	if err := os.MkdirAll(h.Folder, 0o700); err != nil {
		return nil, err
	}
	lock := flock.New(filepath.Join(h.Folder, "lock"))
	ctx, cancel := context.WithTimeout(ctx, lockPatience)
	defer cancel()
	if _, err := lock.TryLockContext(ctx, 50*time.Millisecond); err != nil {
		return nil, fmt.Errorf("another tollgate key-helper does not end: %w", err)
	}
	return func() { _ = lock.Unlock() }, nil
}

// commandPatience is how long the organisation's own program may take.
const commandPatience = 30 * time.Second

func run(ctx context.Context, command string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, commandPatience)
	defer cancel()
	shell := []string{"sh", "-c"}
	if runtime.GOOS == "windows" {
		shell = []string{"cmd", "/c"}
	}
	program := exec.CommandContext(ctx, shell[0], shell[1], command)
	program.Stderr = os.Stderr
	text, err := program.Output()
	key := strings.TrimSpace(string(text))
	if err == nil && (key == "" || strings.ContainsAny(key, "\r\n")) {
		err = errors.New("it printed no key in one line")
	}
	if err != nil {
		return "", fmt.Errorf("the command that is to print the key failed: %w", err)
	}
	return key, nil
}

func isLocal(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}
