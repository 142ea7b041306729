package handover

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
)

// line is a connection between two processes. Messages pass on it in turn, so
// that there is never more than one under way.
type line struct{ *net.UnixConn }

// send sends a message, and with it the descriptors of listeners.
func (l line) send(m message, with ...*Listener) error {
	for _, each := range with {
		m.Sockets = append(m.Sockets, each.Label)
	}
	text, err := m.encode()
	if err != nil {
		return err
	}
	return withDescriptors(with, nil, func(descriptors []int) error {
		_, _, err := l.WriteMsgUnix(text, rights(descriptors), nil)
		return err
	})
}

// withDescriptors lends the descriptors of listeners to do. They cannot be
// closed meanwhile.
func withDescriptors(of []*Listener, held []int, do func([]int) error) error {
	if len(of) == 0 {
		return do(held)
	}
	raw, err := of[0].SyscallConn()
	if err != nil {
		return err
	}
	var done error
	err = raw.Control(func(descriptor uintptr) {
		done = withDescriptors(of[1:], append(held, int(descriptor)), do)
	})
	return errors.Join(err, done)
}

// expect receives a message that says one thing. Another is an error, and so
// is a refusal. A connection that has ended is ErrGone.
func (l line) expect(want word) (message, []*Listener, error) {
	m, files, err := l.receive()
	defer closeAll(files)
	switch {
	case err != nil:
		return message{}, nil, err
	case m.Say == refused:
		return message{}, nil, &RefusedError{m.Reason}
	case m.Say != want:
		return message{}, nil, unexpected(m.Say, want)
	}
	listeners, err := adopt(m.Sockets, files)
	return m, listeners, err
}

// receive reads one message and what travels with it. Files are the caller's,
// also with an error.
func (l line) receive() (message, []*os.File, error) {
	var text []byte
	var files []*os.File
	buffer, beside := make([]byte, messageBound), make([]byte, rightsBound)
	for {
		n, besides, flags, _, err := l.ReadMsgUnix(buffer, beside)
		switch {
		case err == nil && n == 0, errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET):
			return message{}, files, ErrGone
		case err != nil:
			return message{}, files, err
		}
		more, err := parseRights(beside[:besides])
		text, files = append(text, buffer[:n]...), append(files, more...)
		switch {
		case err != nil:
			return message{}, files, err
		case truncated(flags) || len(files) > socketBound:
			return message{}, files, errors.New("the other process sends too many sockets")
		}
		if end := bytes.IndexByte(text, '\n'); end >= 0 {
			m, err := decode(text[:end])
			return m, files, err
		}
		if len(text) > messageBound {
			return message{}, files, errLong
		}
	}
}

// adopt makes listeners of files. The files stay the caller's.
func adopt(labels []Label, files []*os.File) (listeners []*Listener, err error) {
	if len(labels) != len(files) {
		return nil, fmt.Errorf("the other process sends %d sockets and names %d", len(files), len(labels))
	}
	for i, file := range files {
		listener, err := listenerOf(labels[i], file)
		if err != nil {
			closeAll(listeners)
			return nil, err
		}
		listeners = append(listeners, listener)
	}
	return listeners, nil
}

func listenerOf(label Label, file *os.File) (*Listener, error) {
	opened, err := net.FileListener(file)
	if err != nil {
		return nil, fmt.Errorf("what was passed as %q is no listening socket: %w", label.Name, err)
	}
	return NewListener(label, opened)
}

func closeAll[C io.Closer](all []C) {
	for _, each := range all {
		_ = each.Close() // nothing was written to it
	}
}
