package cred

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"tollgate"
	"tollgate/internal/secret"
)

// fileGlance is how long a look at the file's date is good for.
const fileGlance = time.Second

// File sends the token in a file as Authorization: Bearer, and reads it again
// when the file changes. When a later read fails, the last token stays in use.
type File struct {
	path string
	now  func() time.Time
	log  *slog.Logger

	mu       sync.Mutex
	bearer   secret.String // "Bearer …"; zero until the first read
	stamp    fileStamp     // of what was read
	glanced  time.Time
	complain bool // the last read failed and has been logged
}

// fileStamp tells one state of a file from another.
type fileStamp struct {
	changed time.Time
	size    int64
}

// BearerFile makes a File. The file is first read by the first request.
func BearerFile(path string, now func() time.Time, log *slog.Logger) *File {
	return &File{path: path, now: now, log: log}
}

// Sign sets the header. It fails only while no token has ever been read.
func (f *File) Sign(_ context.Context, r *http.Request, _ func() Sum, _ tollgate.Principal) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if now := f.now(); f.bearer.IsZero() || now.Sub(f.glanced) >= fileGlance {
		f.glanced = now
		if err := f.refresh(); err != nil && f.bearer.IsZero() {
			return err
		}
	}
	r.Header["Authorization"] = []string{f.bearer.Reveal()}
	return nil
}

// refresh reads the file if it has changed. f.mu is held.
func (f *File) refresh() error {
	stamp, token, err := f.read()
	switch {
	case err != nil && !f.complain:
		f.complain = true
		f.log.Error("the provider token cannot be read; the last one stays in use", "file", f.path, "cause", err)
	case err == nil:
		f.complain = false
	}
	if err != nil || stamp == f.stamp {
		return err
	}
	f.stamp, f.bearer = stamp, secret.New("Bearer "+token)
	return nil
}

// read returns the token if the stamp says that it is another than f's.
func (f *File) read() (fileStamp, string, error) {
	info, err := os.Stat(f.path)
	if err != nil {
		return fileStamp{}, "", err
	}
	stamp := fileStamp{info.ModTime(), info.Size()}
	if stamp == f.stamp {
		return stamp, "", nil
	}
	text, err := os.ReadFile(f.path)
	if err != nil {
		return fileStamp{}, "", err
	}
	token := strings.TrimSpace(string(text))
	if token == "" {
		return fileStamp{}, "", errors.New("the file is empty")
	}
	return stamp, token, nil
}
