package handover

import (
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// socket is a listening socket of the net package that can be passed on: a
// TCP or a Unix one.
type socket interface {
	net.Listener
	syscall.Conn
	SetDeadline(time.Time) error
}

// Listener is a listening socket that may be passed on. While it is paused,
// connections wait in the socket's own queue.
type Listener struct {
	Label
	socket

	mu     sync.Mutex
	resume chan struct{} // nil: not paused; closed when the pause is over
}

// NewListener labels a socket. Closing the Listener closes the socket; the
// file of a Unix socket stays, since it may be another process's by then.
func NewListener(label Label, listener net.Listener) (*Listener, error) {
	able, ok := listener.(socket)
	if !ok {
		return nil, fmt.Errorf("a socket of type %T cannot be passed on", listener)
	}
	if unix, ok := listener.(*net.UnixListener); ok {
		unix.SetUnlinkOnClose(false)
	}
	return &Listener{Label: label, socket: able}, nil
}

// Accept waits for a connection, however often it is paused meanwhile.
func (l *Listener) Accept() (net.Conn, error) {
	for {
		connection, err := l.socket.Accept()
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			return connection, err
		}
		if over := l.pause(); over != nil {
			<-over
		}
	}
}

func (l *Listener) pause() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.resume
}

// Pause makes Accept wait until Resume or Close. One connection may still be
// returned that came before.
func (l *Listener) Pause() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.resume == nil {
		l.resume = make(chan struct{})
		_ = l.SetDeadline(time.Unix(1, 0)) // fails when it is closed, which ends Accept too
	}
}

// Resume ends a pause.
func (l *Listener) Resume() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.resume != nil {
		_ = l.SetDeadline(time.Time{}) // as above
		close(l.resume)
		l.resume = nil
	}
}

// Close closes this process's descriptor. If another process has one too, the
// socket lives on, and what waits in its queue with it.
func (l *Listener) Close() error {
	err := l.socket.Close()
	l.Resume()
	return err
}
