package app

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"tollgate/internal/config"
)

// certificateGlance is how long a look at the files' dates is good for.
const certificateGlance = 10 * time.Second

// certificate is read again when its files change. When that fails, as in the
// middle of a renewal, the last good one stays in use.
type certificate struct {
	files config.TLS
	now   func() time.Time
	log   *slog.Logger

	mu       sync.Mutex
	loaded   *tls.Certificate
	stamp    [2]time.Time // when the two files were last changed
	glanced  time.Time
	complain bool // the last look failed and has been logged
}

// newTLS returns nil when no TLS is configured. The certificate must be good
// at the start.
func newTLS(files *config.TLS, now func() time.Time, log *slog.Logger) (*tls.Config, error) {
	if files == nil {
		return nil, nil
	}
	c := &certificate{files: *files, now: now, log: log}
	if err := c.refresh(); err != nil {
		return nil, fmt.Errorf("listen.tls: the certificate %s with the key %s cannot be used (%w)", files.Cert, files.Key, err)
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.get}, nil
}

func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.now(); now.Sub(c.glanced) >= certificateGlance {
		c.glanced = now
		err := c.refresh()
		if err != nil && !c.complain {
			c.log.Error("the certificate cannot be read again; the last good one stays in use", "cert", c.files.Cert, "key", c.files.Key, "cause", err)
		}
		c.complain = err != nil
	}
	return c.loaded, nil
}

func (c *certificate) refresh() error {
	stamp, err := c.look()
	if err != nil || c.loaded != nil && stamp == c.stamp {
		return err
	}
	loaded, err := tls.LoadX509KeyPair(c.files.Cert, c.files.Key)
	if err != nil {
		return err
	}
	c.loaded, c.stamp = &loaded, stamp
	return nil
}

func (c *certificate) look() (stamp [2]time.Time, err error) {
	for i, path := range []string{c.files.Cert, c.files.Key} {
		info, err := os.Stat(path)
		if err != nil {
			return stamp, err
		}
		stamp[i] = info.ModTime()
	}
	return stamp, nil
}
