package handover

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"syscall"
)

// Claim is the successor's end of a hand-over. It is used by one goroutine.
type Claim struct {
	PID  int // of the predecessor
	line line
}

// Ask asks the process that answers on the Unix socket at path to hand over.
// takeover says that this process was started to do so. Errors are ErrNobody,
// ErrGone, a RefusedError, or what the system says.
func Ask(ctx context.Context, path string, takeover bool) (*Claim, error) {
	connection, err := new(net.Dialer).DialContext(ctx, "unix", path)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return nil, ErrNobody
	case err != nil:
		return nil, err
	}
	c := &Claim{line: line{connection.(*net.UnixConn)}}
	answer, err := c.exchange(ctx, message{Say: hello, Version: version, PID: os.Getpid(), Takeover: takeover}, goAhead)
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	closeAll(answer.listeners)
	c.PID = answer.PID
	return c, nil
}

// Take says that this process is ready, and returns the sockets it is given.
// With them everything else is free that only one process can have. After an
// error the claim has ended; with ErrGone it is free too, or will be.
func (c *Claim) Take(ctx context.Context) ([]*Listener, error) {
	given, err := c.exchange(ctx, message{Say: ready}, yours)
	return given.listeners, err
}

// Serving lets the predecessor go. That it is there no more is no error.
func (c *Claim) Serving() error {
	err := c.line.send(message{Say: serving})
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) {
		err = nil
	}
	return errors.Join(err, c.Close())
}

// Close gives the claim up, if it has not come to its end: the predecessor
// goes on.
func (c *Claim) Close() error {
	if err := c.line.Close(); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// answer is a message and the sockets that came with it.
type answer struct {
	message
	listeners []*Listener
}

// exchange says one thing and waits for another, until ctx ends.
func (c *Claim) exchange(ctx context.Context, say message, want word) (a answer, err error) {
	stop := context.AfterFunc(ctx, func() { _ = c.line.Close() })
	defer stop()
	err = c.line.send(say)
	if err == nil || errors.Is(err, syscall.EPIPE) {
		a.message, a.listeners, err = c.line.expect(want) // what it said last may still be there
	}
	if ctx.Err() != nil {
		closeAll(a.listeners)
		return answer{}, context.Cause(ctx)
	}
	return a, err
}
